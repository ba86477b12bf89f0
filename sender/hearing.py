"""Records in: deliveries and withdrawals, the journal, what is said of phones, delivery reports."""

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
import structlog

from rules.ids import phone_ref
from runtime.config import Config
from runtime.dead_letters import dead_letter, without_value
from runtime.partition import partition_for
from schemas.deliveries import Delivery, Withdrawal
from schemas.journal import JournalRecord
from schemas.settings import SettingCopy
from schemas.sms import DeliveryReport
from schemas.topics import SMS_JOURNAL, decode
from sender.backlog import Backlog
from sender.claims import Claims
from sender.journal import Journal
from sender.partition import Partition
from sender.partitions import Partitions
from sender.reports import block_of, count, on_reports
from sender.telling import Projection

log = structlog.get_logger()


class Hearing:
    """What is heard goes into the partitions; what cannot be read into ``dead-letters``, and on."""

    def __init__(
        self,
        config: Config,
        *,
        partitions: Partitions,
        backlog: Backlog,
        journal: Journal,
        claims: Claims,
        projection: Projection,
        now: Callable[[], datetime],
    ) -> None:
        self._config, self._partitions, self._backlog = config, partitions, backlog
        self._journal, self._claims, self._projection, self._now = journal, claims, projection, now
        self._key = config.reference_secret.encode()

    async def deliveries(self, partition: Partition, records: list[Any]) -> None:
        """Records of ``sms-deliveries``."""
        for record, message in await self._readable(records):
            self._delivery(partition, record, message)

    def _delivery(self, partition: Partition, record: Any, message: Any) -> None:
        if isinstance(message, Delivery | Withdrawal):
            released_at = datetime.fromtimestamp(record.timestamp / 1000, UTC)
            oldest = min(message.text.first_due_at, released_at)
            partition.oldest = min(oldest, partition.oldest or oldest)
            self._partitions.check_floor(partition, oldest)
        match message:
            case Delivery():
                pending = partition.take(record.offset, message, self._now())
                if pending is not None:
                    self._backlog.put(pending)
            case Withdrawal():
                partition.take_withdrawal(record.offset, message)
            case _:
                partition.take_scope(message)

    async def beside(self, partition: Partition, records: list[Any]) -> None:
        """Records of the journal, of phone states or of settings."""
        if records[0].topic == SMS_JOURNAL.name:
            for record in records:  # without a pause: a fold begun anew must not be fed the old one's records
                self._journaled(partition, record)
            return
        for _, message in await self._readable(records):
            if isinstance(message, SettingCopy):
                partition.phones.hear_setting(message)
            else:
                partition.phones.hear(message)

    def _journaled(self, partition: Partition, record: Any) -> None:
        try:
            message: JournalRecord = decode(record.topic, record.value or b"")
        except msgspec.DecodeError as error:
            log.error(
                "journal_unreadable", alert=True, partition=partition.number, error=type(error).__name__
            )
            return
        counts = partition.hear(message)
        while partition.revived:
            self._backlog.put(partition.revived.pop())
        self._projection.hear(partition, record.offset, message, counts=counts)

    async def reports(self, partition: Partition, records: list[Any]) -> None:
        """Delivery reports: evidence, the carrier's status, its own opt-outs. Returns when they are kept."""
        await partition.until(partition.is_read)
        reports: dict[str, list[DeliveryReport]] = defaultdict(list)
        for _, report in await self._readable(records):
            reports[report.text_id].append(report)
            count(report)
        now, added = self._now(), list[JournalRecord]()
        for text_id, of_text in reports.items():
            text = partition.fold.of(text_id)
            added += on_reports(text, of_text, now)
            if text.claim is None:
                log.warning("report_of_unknown_text", text_id=text_id, count=len(of_text))
        if added:
            await partition.read_past(await self._journal.append(*added))
        await self._blocks(partition, reports)

    async def _blocks(self, partition: Partition, reports: dict[str, list[DeliveryReport]]) -> None:
        """The carrier's own opt-outs silence the phone at once, and for the worker."""
        found = [
            block
            for text_id, of_text in reports.items()
            for block in [block_of(partition.fold.of(text_id), report) for report in of_text]
            if block is not None
        ]
        if found:
            await self._claims.stop(found)
            await self._journal.append(*found)

    async def _readable(self, records: list[Any]) -> list[tuple[Any, Any]]:
        """The messages that can be read and are in their place; the others become dead letters."""
        found, unreadable = [], []
        for record in records:
            if record.value is None:
                continue  # a key that was forgotten on a compacted topic
            try:
                message = decode(record.topic, record.value)
                reason = self._out_of_place(record.partition, message)
            except msgspec.DecodeError as error:
                message, reason = None, without_value(error)
            if reason:
                unreadable.append(dead_letter(record, reason, self._now()))
            else:
                found.append((record, message))
        if unreadable:
            await self._journal.append(*unreadable)
        return found

    def _out_of_place(self, partition: int, message: Any) -> str:
        """Why a text can't be sent from here: its number is another's, or its partition."""
        if isinstance(message, Delivery) and phone_ref(self._key, message.phone) != message.text.phone_ref:
            return "phone_ref is not that of phone"
        if isinstance(message, Delivery | Withdrawal):
            place = partition_for(message.text.phone_ref.encode(), self._config.partitions)
            return "" if place == partition else f"belongs to partition {place}"
        return ""
