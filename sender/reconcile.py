"""Settling what stayed unclear: by callback, by the carrier's list, at last by time. Evidence always wins."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import structlog

from carrier.port import Carrier, Listed, ListRefused
from runtime.config import Config
from schemas.journal import Accepted, Claimed, JournalRecord, NotSent, Reported, Unknown, Unresolved
from schemas.phone_states import StartAsked
from schemas.sms import CarrierBlock, DeliveryReport, StartConfirmed
from sender.fold import NO_EVIDENCE, RANK, TextFold
from sender.gate import Gate
from sender.journal import Journal
from sender.partition import Partition

log = structlog.get_logger()
BLOCKED = "200"
"""Plivo's error code of a source that the destination opted out of."""
LIST_MARGIN = timedelta(seconds=5)
START_WINDOW = timedelta(minutes=15)


def on_report(text: TextFold, report: DeliveryReport, now: datetime) -> list[JournalRecord]:
    """What a status callback adds to the journal. The path named the text; a first one proves acceptance."""
    if text.claim is None:
        return []
    ref, records = text.claim.text, list[JournalRecord]()
    if text.status != "accepted":
        records.append(
            Accepted(
                text=ref,
                attempt=report.attempt,
                claim_id=None,
                carrier_uuid=report.carrier_uuid,
                evidence="callback",
                at=now,
            )
        )
    if RANK.get(report.status, 0) > text.rank:
        records.append(
            Reported(
                text=ref,
                attempt=report.attempt,
                carrier_uuid=report.carrier_uuid,
                status=report.status,  # type: ignore[arg-type]  # RANK holds the closed list
                error_code=report.error_code,
                units=report.units,
                at=now,
            )
        )
    return records


class Reconciler:
    """Looks after the open tries of the partitions of this process."""

    def __init__(
        self, config: Config, carrier: Carrier, gate: Gate, journal: Journal, now: Callable[[], datetime]
    ) -> None:
        self._config, self._carrier, self._gate, self._journal, self._now = (
            config,
            carrier,
            gate,
            journal,
            now,
        )
        self._looked: dict[str, datetime] = {}
        self._confirmed: set[str] = set()
        self._looks: list[datetime] = []

    async def report(self, partition: Partition, report: DeliveryReport) -> None:
        """A status callback. The carrier's error 200 silences the phone at once."""
        text = partition.fold.of(report.text_id)
        records = on_report(text, report, self._now())
        if records:
            offset = await self._journal.append(*records)
            await partition.read_past(offset)
        if report.error_code == BLOCKED and text.claim is not None:
            block = CarrierBlock(
                phone_ref=text.claim.text.phone_ref, text_id=report.text_id, posted_at=text.claim.at
            )
            await self._gate.stop_phone(block.phone_ref, block.posted_at)
            await self._journal.append(block)

    async def sweep(self, partition: Partition, running: Iterable[str]) -> None:
        """Look at each open try that nobody here is busy with."""
        here = set(running)
        for text in partition.fold.open():
            claim = text.claim
            if claim is None or claim.text.text_id in here:
                continue
            if text.status == "claimed":
                await self._stale(partition, claim)
            elif text.unknown is not None:
                await self._unknown(partition, text, claim, text.unknown)

    async def _stale(self, partition: Partition, claim: Claimed) -> None:
        """A claim whose owner is gone: never begun if it did not pass the gate, else nobody knows."""
        now = self._now()
        if now <= claim.deadline_at:
            return
        record: JournalRecord
        if await self._gate.void(claim):
            record = NotSent(
                text=claim.text,
                attempt=claim.attempt,
                claim_id=claim.claim_id,
                reason="never begun",
                at=now,
            )
        else:
            record = Unknown(
                text=claim.text,
                attempt=claim.attempt,
                claim_id=claim.claim_id,
                reason="its sender is gone",
                posted_at=claim.at,
                at=now,
            )
        await partition.read_past(await self._journal.append(record))

    async def _unknown(self, partition: Partition, text: TextFold, claim: Claimed, unknown: Unknown) -> None:
        now = self._now()
        row = await self._evidence(partition, claim, unknown)
        if row is not None:
            found = Accepted(
                text=claim.text,
                attempt=claim.attempt,
                claim_id=claim.claim_id,
                carrier_uuid=row.carrier_uuid,
                evidence="list",
                at=now,
            )
            await partition.read_past(await self._journal.append(found))
        elif now >= unknown.posted_at + timedelta(seconds=self._config.quiet_s) and self._looked_twice(claim):
            await self._give_up(partition, text, claim, now)

    def _looked_twice(self, claim: Claimed) -> bool:
        """Silence counts only after the list was really read, once the quiet time was over."""
        looked = self._looked.get(claim.claim_id)
        return looked is not None and looked >= claim.at + timedelta(seconds=self._config.quiet_s)

    async def _evidence(self, partition: Partition, claim: Claimed, unknown: Unknown) -> Listed | None:
        """The row of the carrier's list that is this try: one in flight per phone makes it unambiguous."""
        pending = partition.pending.get(claim.text.text_id)
        if pending is None or not self._may_look(claim.claim_id):
            return None
        phone, now = pending.delivery.phone, self._now()
        rows = await self._list(
            inbound=False, phone=phone, since=unknown.posted_at - LIST_MARGIN, until=now + LIST_MARGIN
        )
        if rows is None:
            return None
        self._looked[claim.claim_id] = now
        known = {text.carrier_uuid for text in partition.fold.texts.values()}
        return next((row for row in rows if row.to == phone and row.carrier_uuid not in known), None)

    def _may_look(self, name: str) -> bool:
        """Not more often than the interval for one thing, nor than the carrier allows for all."""
        now = self._now()
        last = self._looked.get(name)
        self._looks = [at for at in self._looks if now - at < timedelta(minutes=1)]
        if len(self._looks) >= self._config.list_per_minute - 1:
            return False
        if last is not None and now - last < timedelta(seconds=self._config.list_interval_s):
            return False
        self._looks.append(now)
        return True

    async def _list(
        self, *, inbound: bool, phone: str, since: datetime, until: datetime
    ) -> list[Listed] | None:
        try:
            return await asyncio.to_thread(
                self._carrier.listed, inbound=inbound, phone=phone, since=since, until=until
            )
        except ListRefused as error:
            log.warning("list_refused", error=str(error))
            return None

    async def _give_up(self, partition: Partition, text: TextFold, claim: Claimed, now: datetime) -> None:
        """No evidence in the quiet time: shown to a person, or under ``verified`` tried once more."""
        verified = self._config.reminder_policy == "verified" and claim.text.kind == "interview_reminder"
        record: JournalRecord
        if verified and claim.attempt == 1 and now < claim.not_after:
            await self._gate.free(claim, counted=True)
            record = NotSent(text=claim.text, attempt=1, claim_id=claim.claim_id, reason=NO_EVIDENCE, at=now)
            log.warning("second_try", text_id=claim.text.text_id)
        else:
            record = Unresolved(text=claim.text, attempt=claim.attempt, claim_id=claim.claim_id, at=now)
            log.error("unresolved", alert=True, text_id=claim.text.text_id)
        await partition.read_past(await self._journal.append(record))

    async def confirm_starts(self, partition: Partition) -> None:
        """Look up each START in the carrier's list of inbound messages."""
        for asked in list(partition.starts.values()):
            if asked.inbound_uuid in self._confirmed or not self._may_look(asked.inbound_uuid):
                continue
            self._looked[asked.inbound_uuid] = self._now()
            rows = await self._list(
                inbound=True,
                phone=asked.phone,
                since=asked.received_at - START_WINDOW,
                until=self._now() + LIST_MARGIN,
            )
            row = next((r for r in rows or () if r.carrier_uuid == asked.inbound_uuid), None)
            if row is not None:
                await self._journal.append(_confirmed(asked, row))
                self._confirmed.add(asked.inbound_uuid)
            elif self._now() - asked.received_at > START_WINDOW:
                self._confirmed.add(asked.inbound_uuid)  # the list never showed it: STOP stands


def _confirmed(asked: StartAsked, row: Listed) -> StartConfirmed:
    """In doubt STOP wins: the carrier's time of the START must lie after our receipt of the STOP."""
    return StartConfirmed(
        phone=asked.phone,
        phone_ref=asked.phone_ref,
        inbound_uuid=asked.inbound_uuid,
        received_at=asked.received_at,
        newer=asked.stop_at is None or row.at > asked.stop_at,
    )
