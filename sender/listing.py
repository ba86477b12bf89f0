"""Looks into the carrier's list, no more than it allows: all senders together."""

import asyncio
from datetime import datetime

import structlog

from carrier.port import LIST_PAGE, Carrier, Listed, ListRefused
from runtime.config import Config
from sender.claims import Claims

log = structlog.get_logger()


class NoLook(Exception):
    """The list could not be read: no look was left, or the carrier refused."""


class Listing:
    """Reads whole windows of the list, page by page."""

    def __init__(self, config: Config, carrier: Carrier, claims: Claims) -> None:
        self._config, self._carrier, self._claims = config, carrier, claims

    async def read(
        self, *, inbound: bool, phone: str | None, since: datetime, until: datetime
    ) -> list[Listed]:
        """Every row of the window. Raises ``NoLook`` or ``RedisError``; nothing is known then."""
        rows: list[Listed] = []
        while True:
            page = await self._page(inbound, phone, since, until, len(rows))
            rows += page
            if len(page) < LIST_PAGE:
                return rows

    async def _page(
        self, inbound: bool, phone: str | None, since: datetime, until: datetime, offset: int
    ) -> list[Listed]:
        if not await self._claims.may_look(self._config.list_per_minute):
            raise NoLook
        try:
            return await asyncio.to_thread(
                self._carrier.listed, inbound=inbound, phone=phone, since=since, until=until, offset=offset
            )
        except ListRefused as error:
            log.warning("list_refused", error=str(error))
            raise NoLook from error
