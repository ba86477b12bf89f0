"""What the sender reads: deliveries in a group, and by hand the same partitions of everything beside them.

aiokafka's assignors would not put the partitions of several topics together, so only ``sms-deliveries`` is
subscribed.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from typing import Any

import msgspec
import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener
from aiokafka.structs import TopicPartition

from runtime.config import Config
from runtime.dead_letters import dead_letter
from schemas.dead_letters import DeadLetter
from schemas.topics import (
    DELIVERY_REPORTS,
    PHONE_STATES,
    SETTINGS_COPIES,
    SMS_DELIVERIES,
    SMS_JOURNAL,
    decode,
)
from sender.partition import Partition

log = structlog.get_logger()
TAILED = (SMS_JOURNAL.name, PHONE_STATES.name, SETTINGS_COPIES.name)
Hear = Callable[[Partition, Any, int], Awaitable[None]]


class Inputs(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka ships no types
    """Partitions come and go with the group; ``partitions`` holds those that are ours now."""

    def __init__(
        self,
        config: Config,
        *,
        now: Callable[[], datetime],
        leaving: Callable[[], Awaitable[None]],
        keep: Callable[[DeadLetter], Awaitable[Any]],
    ) -> None:
        """``leaving``: called before partitions go, to finish what runs. ``keep``: keeps a dead letter."""
        self._config, self._now, self._leaving, self._keep = config, now, leaving, keep
        self._generation = 0
        self.partitions: dict[int, Partition] = {}
        self.projected: dict[int, int] = {}
        """The journal offset from which ends have still to be told, by partition."""
        common = {"bootstrap_servers": config.kafka_bootstrap_servers, "enable_auto_commit": False}
        common |= {"auto_offset_reset": "earliest"}
        self.deliveries = AIOKafkaConsumer(
            **common,
            group_id=f"{config.app_id}-sender",
            session_timeout_ms=int(config.session_timeout_s * 1000),
            heartbeat_interval_ms=int(config.session_timeout_s * 1000 / 5),
            rebalance_timeout_ms=int(config.rebalance_timeout_s * 1000),
        )
        self.tails = AIOKafkaConsumer(**common, group_id=f"{config.app_id}-projector")
        self.reports = AIOKafkaConsumer(**common, group_id=f"{config.app_id}-reports")

    async def start(self) -> None:
        """Connect and join the group."""
        for consumer in (self.tails, self.reports, self.deliveries):
            await consumer.start()
        self.deliveries.subscribe([SMS_DELIVERIES.name], listener=self)

    async def stop(self) -> None:
        """Leave the group and disconnect."""
        for consumer in (self.deliveries, self.tails, self.reports):
            await consumer.stop()

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Finish what runs, commit, and forget everything."""
        await self._leaving()
        await self.commit()
        self._generation += 1
        self.partitions = {}
        self.tails.unsubscribe()
        self.reports.unsubscribe()

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Begin from the journal's start; nothing is sent before all that is there now has been read."""
        numbers = sorted(tp.partition for tp in assigned)
        if not numbers:
            return
        tails = [TopicPartition(topic, n) for topic in TAILED for n in numbers]
        reports = [TopicPartition(DELIVERY_REPORTS.name, n) for n in numbers]
        self._generation += 1
        self.tails.assign(tails)
        self.reports.assign(reports)
        for tp in tails:
            if tp.topic == SMS_JOURNAL.name:
                self.projected[tp.partition] = await self.tails.committed(tp) or 0
        await self.tails.seek_to_beginning(*tails)
        every = [*tails, *(TopicPartition(SMS_DELIVERIES.name, n) for n in numbers)]
        ends = await self.tails.end_offsets(every)
        for n in numbers:
            partition = self.partitions[n] = Partition(n)
            partition.ends = {tp.topic: end for tp, end in ends.items() if tp.partition == n and end}
        log.info("assigned", partitions=numbers)

    async def note_ends(self, partition: Partition) -> None:
        """Wait anew: for all that is in the partition's topics by now."""
        places = [TopicPartition(topic, partition.number) for topic in (*TAILED, SMS_DELIVERIES.name)]
        ends = await self.tails.end_offsets(places)
        partition.ends = {tp.topic: end for tp, end in ends.items() if end}

    async def read_deliveries(self) -> None:
        """For ever: take records of ``sms-deliveries`` into their partitions."""

        async def take(partition: Partition, message: Any, offset: int) -> None:
            partition.take(offset, message, self._now())

        await self._read(self.deliveries, take)

    async def read_tails(self, hear: Hear) -> None:
        """For ever: hear journal, phone states and settings."""
        await self._read(self.tails, hear)

    async def read_reports(self, hear: Hear) -> None:
        """For ever: hear delivery reports; each is committed once it was heard."""
        await self._read(self.reports, hear, commit=True)

    async def _read(self, consumer: AIOKafkaConsumer, hear: Hear, *, commit: bool = False) -> None:
        while True:
            if not consumer.assignment():
                await asyncio.sleep(0.05)
                continue
            generation = self._generation
            batches = await consumer.getmany(timeout_ms=100, max_records=1000)
            if generation != self._generation:
                continue  # read for an assignment that is over: it is read again
            for tp, records in batches.items():
                for record in records:
                    await self._hear(record, hear)
                partition = self.partitions.get(tp.partition)
                if partition is not None and records:
                    partition.read_to[tp.topic] = records[-1].offset + 1
                    partition.tail.set()
            if commit and batches:
                await consumer.commit({tp: records[-1].offset + 1 for tp, records in batches.items()})
            self._note_positions(consumer)

    async def _hear(self, record: Any, hear: Hear) -> None:
        partition = self.partitions.get(record.partition)
        if partition is None:
            return
        try:
            message = decode(record.topic, record.value or b"")
        except msgspec.DecodeError as error:
            if record.value is not None:
                await self._keep(dead_letter(record, str(error), self._now()))
            return
        await hear(partition, message, record.offset)

    def _note_positions(self, consumer: AIOKafkaConsumer) -> None:
        """A position passes holes of compaction that no record fills."""
        for tp in consumer.assignment():
            partition = self.partitions.get(tp.partition)
            state = consumer._subscription.subscription.assignment.state_value(tp)
            if partition is not None and state is not None and state.has_valid_position:
                behind = partition.read_to.get(tp.topic, 0)
                if state.position > behind:
                    partition.read_to[tp.topic] = state.position
                    partition.tail.set()

    async def commit(self) -> None:
        """Commit up to the first delivery that has not ended."""
        offsets = {
            TopicPartition(SMS_DELIVERIES.name, n): partition.commit_to(SMS_DELIVERIES.name)
            for n, partition in self.partitions.items()
            if SMS_DELIVERIES.name in partition.read_to
        }
        if offsets:
            await self.deliveries.commit(offsets)

    async def commit_projected(self, partition: int, offset: int) -> None:
        """All ends before ``offset`` of the journal were told."""
        self.projected[partition] = offset
        await self.tails.commit({TopicPartition(SMS_JOURNAL.name, partition): offset})
