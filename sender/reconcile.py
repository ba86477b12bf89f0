"""Settling what stayed unclear: by callback, by the carrier's list, at last by time. Evidence always wins."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import structlog

from carrier.port import Listed
from rules.ids import phone_ref
from rules.second_tries import NO_EVIDENCE
from runtime.config import Config
from schemas.journal import Accepted, Claimed, JournalRecord, Unresolved
from sender import metrics
from sender.claims import Claims
from sender.evidence import Open, Window, matches, windows
from sender.fold import TextFold
from sender.journal import Journal
from sender.listing import Listing, NoLook
from sender.outcomes import not_sent, unknown
from sender.partition import Partition

log = structlog.get_logger()
Held = tuple[Partition, TextFold]


class Reconciler:
    """Looks after the open tries of the partitions of this process."""

    def __init__(
        self,
        config: Config,
        listing: Listing,
        claims: Claims,
        journal: Journal,
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._config, self._listing, self._claims, self._journal = config, listing, claims, journal
        self._now = now
        self._key = config.reference_secret.encode()
        self._quiet = timedelta(seconds=config.quiet_s)
        self._interval = timedelta(seconds=config.list_interval_s)
        self._lasts = timedelta(
            seconds=config.claim_deadline_s + config.connect_timeout_s + config.read_timeout_s
        )
        self._looked: dict[str, datetime] = {}

    async def sweep(self, partitions: Iterable[Partition], running: Iterable[str]) -> None:
        """Settle by what is known, and by time, each open try that nobody here is busy with.

        Raises what Kafka and Redis raise, and ``PartitionGone``: the next sweep looks again.
        """
        held = _open_tries(partitions, running)
        open_now = {text.claim.claim_id for _, text in held if text.claim}
        self._looked = {claim_id: at for claim_id, at in self._looked.items() if claim_id in open_now}
        for partition, text in held:
            if text.status == "claimed" and text.claim is not None:
                await self._stale(partition, text.claim)
            elif partition.fold.of(_name(text)).unknown is not None:
                await self._time_out(partition, text)

    async def _stale(self, partition: Partition, claim: Claimed) -> None:
        """A claim whose owner is gone: never begun if it did not pass the gate, else nobody knows."""
        now = self._now()
        if now <= claim.deadline_at:
            return
        never = await self._claims.never_begun(claim, partition.number)
        if never is None:
            return  # Redis forgot and is not rebuilt yet
        record: JournalRecord = (
            not_sent(claim, "never begun", now)
            if never
            else unknown(claim, "its sender is gone", claim.at, now)
        )
        await self._note(partition, record)

    # --- evidence

    async def look(self, partitions: Iterable[Partition], running: Iterable[str]) -> None:
        """Read the list where tries would stand that were not looked for of late; this may take minutes.

        Raises what Kafka and Redis raise, and ``PartitionGone``.
        """
        now = self._now()
        due = [
            (partition, Open(text.claim, text.unknown.posted_at))
            for partition, text in _open_tries(partitions, running)
            if text.claim and text.unknown and self._is_due(text.claim, text.unknown.posted_at, now)
        ]
        try:
            for window in windows((one for _, one in due), self._lasts):
                tries = [(partition, one) for partition, one in due if one in window.tries]
                await self._read(window, tries)
                self._looked |= {one.claim.claim_id: now for one in window.tries}
        except NoLook:
            return

    async def _read(self, window: Window, tries: list[tuple[Partition, Open]]) -> None:
        """A row counts as soon as its page is there; that there is none, once all pages were."""
        pages = self._listing.pages(inbound=False, phone=None, since=window.since, until=window.until)
        async for rows in pages:
            for partition in dict.fromkeys(partition for partition, _ in tries):
                await self._adopt(partition, rows, [one for held, one in tries if held is partition])

    def _is_due(self, claim: Claimed, posted_at: datetime, now: datetime) -> bool:
        last = self._looked.get(claim.claim_id, posted_at)
        return now - last >= self._interval or now - posted_at >= self._quiet > last - posted_at

    async def _adopt(self, partition: Partition, rows: list[Listed], tries: list[Open]) -> None:
        unclear = [one for one in tries if _is_unclear(partition, one)]
        found = matches(rows, unclear, partition.fold.uuids, lambda number: phone_ref(self._key, number))
        for one, row in found:
            record = Accepted(
                text=one.claim.text,
                attempt=one.claim.attempt,
                claim_id=one.claim.claim_id,
                carrier_uuid=row.carrier_uuid,
                evidence="list",
                at=self._now(),
            )
            await self._note(partition, record)

    # --- time

    async def _time_out(self, partition: Partition, text: TextFold) -> None:
        """No evidence in the quiet time: shown to a person, or under ``verified`` tried once more."""
        claim, now = text.claim, self._now()
        if claim is None or text.unknown is None or now - text.unknown.posted_at < self._quiet:
            return
        looked = self._looked.get(claim.claim_id)
        silent = looked is not None and looked - text.unknown.posted_at >= self._quiet
        if silent and self._may_try_again(partition, claim, now):
            await self._claims.free(claim, counted=True)
            metrics.SECOND_TRIES.labels(NO_EVIDENCE).inc()
            log.warning("second_try", text_id=claim.text.text_id)
            await self._note(partition, not_sent(claim, NO_EVIDENCE, now))
        elif silent or now - text.unknown.posted_at >= 3 * self._quiet:
            log.error("unresolved", alert=True, text_id=claim.text.text_id)
            if text.lost is not None:
                metrics.UNCLEAR_SECOND_TRIES.inc()
            await self._note(
                partition,
                Unresolved(text=claim.text, attempt=claim.attempt, claim_id=claim.claim_id, at=now),
            )

    def _may_try_again(self, partition: Partition, claim: Claimed, now: datetime) -> bool:
        """Only a reminder, once, in time, not withdrawn, and while Redis is warm for its partition."""
        verified = self._config.reminder_policy == "verified" and claim.text.kind == "interview_reminder"
        pending = partition.pending.get(claim.text.text_id, {}).get(claim.text.plan_version)
        if not verified or claim.attempt > 1 or pending is None:
            return False
        return partition.end_of(pending.delivery, now) is None

    async def _note(self, partition: Partition, record: JournalRecord) -> None:
        await partition.read_past(await self._journal.append(record))


def _open_tries(partitions: Iterable[Partition], running: Iterable[str]) -> list[Held]:
    here = set(running)
    return [(p, text) for p in partitions for text in p.fold.open() if _name(text) not in here]


def _is_unclear(partition: Partition, one: Open) -> bool:
    """Whether this very try is still unknown: while the list is read, others may settle it."""
    open_one = partition.fold.of(one.claim.text.text_id).unknown
    return open_one is not None and open_one.claim_id == one.claim.claim_id


def _name(text: TextFold) -> str:
    return text.claim.text.text_id if text.claim else ""
