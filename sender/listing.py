"""Looks into the carrier's list, no more than it allows: all senders together."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime

import structlog

from carrier.port import LIST_PAGE, Carrier, Listed, ListRefused
from runtime.config import Config
from sender.claims import Claims

log = structlog.get_logger()


class NoLook(Exception):
    """The list could not be read: none is allowed, or the carrier refused."""


class Listing:
    """Reads windows of the list, page by page, as fast as the carrier allows."""

    def __init__(self, config: Config, carrier: Carrier, claims: Claims) -> None:
        self._config, self._carrier, self._claims = config, carrier, claims

    async def pages(
        self, *, inbound: bool, phone: str | None, since: datetime, until: datetime
    ) -> AsyncIterator[list[Listed]]:
        """The pages of the window, the last one not full. Raises ``NoLook`` or ``RedisError``: what is not
        shown by then is not known.
        """
        offset, page = 0, list[Listed]()
        while offset == 0 or len(page) == LIST_PAGE:
            page = await self._page(inbound, phone, since, until, offset)
            yield page
            offset += LIST_PAGE

    async def _page(
        self, inbound: bool, phone: str | None, since: datetime, until: datetime, offset: int
    ) -> list[Listed]:
        await self._wait_for_a_look()
        try:
            return await asyncio.to_thread(
                self._carrier.listed, inbound=inbound, phone=phone, since=since, until=until, offset=offset
            )
        except ListRefused as error:
            log.warning("list_refused", error=str(error))
            raise NoLook from error

    async def _wait_for_a_look(self) -> None:
        """A busy window has more pages than may be read at once: one that was begun is read to its end."""
        if self._config.list_per_minute <= 0:
            raise NoLook
        while not await self._claims.may_look(self._config.list_per_minute):  # noqa: ASYNC110  # Redis says
            await asyncio.sleep(self._config.sweep_s)
