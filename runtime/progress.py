"""How far topics reach, and how far the worker group has come: asked of the brokers."""

import asyncio
from collections.abc import Iterable

from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.structs import TopicPartition

from runtime.config import Config

PROBE_MS = 200
Place = tuple[str, int]


class GroupProgress:
    """Ends of topics and commits of one consumer group. Raises ``KafkaError`` or ``TimeoutError``."""

    def __init__(self, config: Config) -> None:
        self._group = config.app_id
        self._timeout_s = config.kafka_timeout_s
        self._servers = config.kafka_bootstrap_servers
        self._consumer: AIOKafkaConsumer | None = None
        self._admin: AIOKafkaAdminClient | None = None

    async def _connect(self) -> tuple[AIOKafkaConsumer, AIOKafkaAdminClient]:
        """The clients, connected when they are first needed."""
        if self._consumer is None:
            consumer = AIOKafkaConsumer(
                bootstrap_servers=self._servers,
                isolation_level="read_committed",
                enable_auto_commit=False,
                auto_offset_reset="earliest",
            )
            await consumer.start()
            self._consumer = consumer
        if self._admin is None:
            admin = AIOKafkaAdminClient(bootstrap_servers=self._servers)
            await admin.start()
            self._admin = admin
        return self._consumer, self._admin

    async def close(self) -> None:
        """Disconnect."""
        if self._consumer is not None:
            await self._consumer.stop()
        if self._admin is not None:
            await self._admin.close()

    async def ends(self, topics: Iterable[str]) -> dict[Place, int]:
        """The end of each partition of the topics (of what is committed, with transactions)."""
        async with asyncio.timeout(self._timeout_s):
            consumer, admin = await self._connect()
            described = await admin.describe_topics(list(topics))
            places = [
                TopicPartition(topic["topic"], partition["partition"])
                for topic in described
                for partition in topic["partitions"]
            ]
            ends = await consumer.end_offsets(places) if places else {}
        return {(tp.topic, tp.partition): offset for tp, offset in ends.items() if offset > 0}

    async def behind(self, ends: dict[Place, int]) -> set[Place]:
        """The partitions whose commits have not reached these ends; records nobody can read don't count."""
        if not ends:
            return set()
        places = [TopicPartition(*place) for place in ends]
        async with asyncio.timeout(self._timeout_s):
            consumer, admin = await self._connect()
            committed = await admin.list_consumer_group_offsets(self._group, partitions=places)
        late = set()
        for tp in places:
            at = max(committed[tp].offset, 0)
            if at < ends[tp.topic, tp.partition] and not await _is_empty(consumer, tp, at):
                late.add((tp.topic, tp.partition))
        return late


async def _is_empty(consumer: AIOKafkaConsumer, tp: TopicPartition, since: int) -> bool:
    """Whether only expired, aborted or control records lie between ``since`` and the end."""
    consumer.assign([tp])
    consumer.seek(tp, since)
    records = await consumer.getmany(tp, timeout_ms=PROBE_MS, max_records=1)
    end = (await consumer.end_offsets([tp]))[tp]
    return not records.get(tp) and await consumer.position(tp) >= end
