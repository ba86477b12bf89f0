"""Telling others what this sender knows: Redis of phones and pauses, everyone else how texts ended."""

from collections.abc import Iterable, Sequence

import structlog

from runtime.failpoints import passing
from schemas.journal import Accepted, Expired, JournalRecord, Suppressed, Unresolved
from schemas.phone_states import EndedState, StopState
from schemas.settings import SettingCopy
from sender import metrics
from sender.claims import Claims
from sender.fold import TextFold
from sender.journal import Journal
from sender.partition import Partition
from sender.partitions import Partitions
from sender.projector import end_of, project, reason_of

log = structlog.get_logger()
AT_ONCE = 500
State = StopState | EndedState | SettingCopy


async def tell_all(claims: Claims, states: Sequence[State]) -> None:
    """Tell the gate, in few round trips. Raises ``RedisError``."""
    for first in range(0, len(states), AT_ONCE):
        some = states[first : first + AT_ONCE]
        await claims.tell(s for s in some if not isinstance(s, SettingCopy))
        await claims.pause(s for s in some if isinstance(s, SettingCopy))


async def tell_gate(claims: Claims, partitions: Iterable[Partition]) -> None:
    """What was heard of phones since; a partition may send once all of it was told. Raises ``RedisError``."""
    for partition in partitions:
        phones, ready = partition.phones, partition.is_read()
        untold, phones.untold = phones.untold, []
        try:
            await tell_all(claims, untold)
        except BaseException:
            phones.untold = untold + phones.untold
            raise
        phones.told |= ready


def count_end(record: JournalRecord) -> None:
    """Count a record that ends a text, by its state and, where that is of a closed list, its reason."""
    state = end_of(record)
    if state is None:
        return
    closed = isinstance(record, Suppressed | Expired)
    metrics.ENDS.labels(state, (reason_of(record) or "") if closed else "").inc()
    if isinstance(record, Accepted):
        metrics.EVIDENCE.labels(record.evidence).inc()


def _is_told(text: TextFold, record: JournalRecord) -> bool:
    """Whether a text was told to be accepted before a record that ends only its second try, or bars one.

    One that nobody knows the end of is told: it counts.
    """
    if text.lost is not None and isinstance(record, Unresolved):
        return False
    return text.status == "accepted" and end_of(record) not in (None, "accepted")


class Projection:
    """What the journal says of ends, on its way to ``delivery-events``, ``bookings`` and ``notices``."""

    def __init__(self, journal: Journal, partitions: Partitions, *, key: bytes) -> None:
        self._journal, self._partitions, self._key = journal, partitions, key
        self._untold: list[tuple[int, int, JournalRecord | None, bool]] = []

    def hear(self, partition: Partition, offset: int, record: JournalRecord, *, counts: bool) -> None:
        """A record of the journal; one that does not count tells nothing."""
        text = partition.fold.of(record.text.text_id)
        tells = counts and not _is_told(text, record)
        again = text.lost is not None
        if offset >= self._partitions.projected.get(partition.number, 0):
            self._untold.append((partition.number, offset, record if tells else None, again))
            if tells and not again:
                count_end(record)
        if isinstance(record, Accepted) and not counts and record.carrier_uuid not in text.uuids:
            metrics.BREACHES.labels("accepted_once").inc()
            log.error("accepted_twice", alert=True, text_id=record.text.text_id)

    async def tell(self) -> bool:
        """Publish what was heard, then commit; False if there is nothing. Raises what Kafka raises."""
        untold = self._untold[:AT_ONCE]
        messages = [
            message
            for number, offset, record, again in untold
            if record is not None
            for message in project(record, partition=number, offset=offset, key=self._key, again=again)
        ]
        if messages:
            passing("C8")
            await self._journal.append_all(messages)
        del self._untold[: len(untold)]
        for number, offset in {number: offset for number, offset, *_ in untold}.items():
            if number in self._partitions.held:
                await self._partitions.commit_projected(number, offset + 1)
        return bool(untold)
