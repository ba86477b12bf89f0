"""What stands in Kafka while nobody works: tables, a topic's records, what lies before the sender."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from agents.tables import Tables
from runtime.config import Config
from runtime.topics_admin import changelog_name
from schemas.base import Message
from schemas.topics import PHONE_STATES, SETTINGS_COPIES, SMS_JOURNAL, TABLES, decode
from sender.foreseen import informed
from sender.partition import Partition
from streams.app import ROW_TYPES
from streams.lane import is_internal
from streams.lane.epochs import Reading

_READ_MS = 200
Records = list["ConsumerRecord[bytes, bytes]"]


class Running(Exception):
    """Workers or senders are at work: what stands in Kafka moves on while one reads it."""


@dataclass(frozen=True)
class Span:
    """What a replay of a partition reads: from ``first`` to ``end``; ``committed`` -1: it never was read."""

    first: int
    committed: int
    end: int

    @property
    def next(self) -> int:
        """Where its reader goes on."""
        return self.first if self.committed < 0 else min(self.committed, self.end)

    @property
    def again(self) -> int:
        """How many records are handled once more."""
        return max(self.next - self.first, 0)


class Kafka:
    """``async with``: reads whole partitions, commits nothing."""

    def __init__(self, config: Config) -> None:
        self._config = config
        common = {"bootstrap_servers": config.kafka_bootstrap_servers}
        self._admin = AIOKafkaAdminClient(**common)
        self._consumer = AIOKafkaConsumer(**common, enable_auto_commit=False, auto_offset_reset="earliest")

    async def __aenter__(self) -> "Kafka":
        try:
            await self._admin.start()
            await self._consumer.start()
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._consumer.stop()
        await self._admin.close()

    async def require_nobody(self, groups: Iterable[str]) -> None:
        """Raise ``Running`` if one of the groups has members."""
        for name in groups:  # one by one: aiokafka reads an answer that tells of several wrongly
            [answer] = await self._admin.describe_consumer_groups([name])
            [group] = answer.groups
            if group[2] not in ("Empty", "Dead"):
                raise Running(f"{name} is at work: stop all workers and senders first")

    async def spans(self, topic: str, group: str, since: datetime | None) -> dict[TopicPartition, Span]:
        """By partition what lies from a time (None: the beginning) to the end, and how far it was read."""
        tps = [TopicPartition(topic, n) for n in range(self._config.partitions)]
        self._consumer.assign(tps)
        ends, first = await self._consumer.end_offsets(tps), await self._consumer.beginning_offsets(tps)
        if since is not None:
            at_ms = int(since.timestamp() * 1000)
            found = await self._consumer.offsets_for_times(dict.fromkeys(tps, at_ms))
            first = {tp: max(found[tp].offset if found[tp] else ends[tp], first[tp]) for tp in tps}
        committed = await self._admin.list_consumer_group_offsets(group)
        return {tp: Span(first[tp], committed[tp].offset if tp in committed else -1, ends[tp]) for tp in tps}

    async def records(self, starts: dict[TopicPartition, int]) -> Records:
        """All records from these offsets on, partition by partition in their order."""
        if not starts:
            return []
        self._consumer.assign(list(starts))
        for tp, offset in starts.items():
            self._consumer.seek(tp, offset)
        found: dict[TopicPartition, Records] = {tp: [] for tp in starts}
        ends = await self._consumer.end_offsets(list(starts))
        while any([await self._consumer.position(tp) < end for tp, end in ends.items()]):
            for tp, records in (await self._consumer.getmany(timeout_ms=_READ_MS)).items():
                found[tp] += records
        return [record for records in found.values() for record in records]

    async def whole(self, topic: str) -> Records:
        """All records of a topic."""
        tps = [TopicPartition(topic, n) for n in range(self._config.partitions)]
        self._consumer.assign(tps)
        return await self.records(await self._consumer.beginning_offsets(tps))

    async def tables(self) -> Tables:
        """The rows of the worker's tables, as their changelogs hold them."""
        return Tables(**{name: await self._rows(name) for name in TABLES if name != "ledger"})

    async def _rows(self, table: str) -> dict[str, Any]:
        decoder = msgspec.json.Decoder(ROW_TYPES[table])
        by_partition: dict[int, Records] = {}
        for record in await self.whole(changelog_name(self._config.app_id, table)):
            by_partition.setdefault(record.partition, []).append(record)
        taken = [Reading(0).take(records) for records in by_partition.values()]
        return {
            key.decode(): decoder.decode(value)
            for rows in taken
            for key, value in rows.items()
            if value is not None and not is_internal(key)
        }

    async def before_sender(self, starts: dict[TopicPartition, int], now: datetime) -> Partition:
        """What a sender knows that reads ``sms-deliveries`` from these offsets, all partitions as one."""
        texts = messages(await self.records(starts))[0]
        known = [
            message
            for topic in (SMS_JOURNAL.name, PHONE_STATES.name, SETTINGS_COPIES.name)
            for message in messages(await self.whole(topic))[0]
        ]
        return informed(texts, known, now, verified=self._config.reminder_policy == "verified")


def messages(records: Records) -> tuple[list[Message], int]:
    """Those that can be read, and how many can't: they would be dead letters again."""
    found, unreadable = [], 0
    for record in records:
        try:
            found += [decode(record.topic, record.value)] if record.value is not None else []
        except msgspec.DecodeError:
            unreadable += 1
    return found, unreadable
