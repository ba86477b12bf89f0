"""START counts only when the carrier's list of inbound messages shows it, later than the STOP."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import structlog

from carrier.port import Listed
from runtime.config import Config
from schemas.phone_states import StartAsked
from schemas.sms import StartConfirmed
from sender.evidence import MARGIN
from sender.journal import Journal
from sender.listing import Listing, NoLook
from sender.partition import Partition

log = structlog.get_logger()
BEFORE = timedelta(minutes=15)
"""The carrier may have brought the text late: it tries for some minutes."""


class Starts:
    """Looks each START up until the list shows it, or it is too old to appear."""

    def __init__(
        self, config: Config, listing: Listing, journal: Journal, *, now: Callable[[], datetime]
    ) -> None:
        self._listing, self._journal, self._now = listing, journal, now
        self._interval = timedelta(seconds=config.list_interval_s)
        self._patience = timedelta(seconds=config.start_look_s)
        self._looked: dict[str, datetime] = {}

    async def confirm(self, partitions: Iterable[Partition]) -> None:
        """Look for each START that waits. Raises what Kafka and Redis raise."""
        for partition in partitions:
            for asked in list(partition.phones.starts.values()):
                try:
                    await self._confirm(partition, asked)
                except NoLook:
                    return

    async def _confirm(self, partition: Partition, asked: StartAsked) -> None:
        now, name = self._now(), asked.inbound_uuid
        if now - asked.received_at > self._patience:
            self._settle(partition, asked)
            log.warning("start_not_in_list", phone_ref=asked.phone_ref)
            return
        if now - self._looked.get(name, asked.received_at - self._interval) < self._interval:
            return
        since, until = asked.received_at - BEFORE, now + MARGIN
        pages = self._listing.pages(inbound=True, phone=asked.phone, since=since, until=until)
        rows = [row async for page in pages for row in page]
        self._looked[name] = now
        row = next((r for r in rows if r.carrier_uuid == name), None)
        if row is not None:
            await self._journal.append(confirmed(asked, row))
            self._settle(partition, asked)

    def _settle(self, partition: Partition, asked: StartAsked) -> None:
        """Ask no more; meanwhile the worker may have settled it, or another START of the phone may wait."""
        self._looked.pop(asked.inbound_uuid, None)
        if partition.phones.starts.get(asked.phone_ref) is asked:
            del partition.phones.starts[asked.phone_ref]


def confirmed(asked: StartAsked, row: Listed) -> StartConfirmed:
    """In doubt STOP wins: the carrier's time of the START must lie after our receipt of the STOP."""
    return StartConfirmed(
        phone=asked.phone,
        phone_ref=asked.phone_ref,
        inbound_uuid=asked.inbound_uuid,
        received_at=asked.received_at,
        newer=asked.stop_at is None or row.at > asked.stop_at,
    )
