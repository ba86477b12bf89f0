"""How far topics reach, and how far the worker group has come: asked of the brokers."""

import asyncio
from collections.abc import Iterable
from types import TracebackType
from typing import Self

from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.structs import TopicPartition

from runtime.config import Config
from streams.barrier import Place

PROBE_MS = 200


class GroupProgress:
    """Ends of topics and commits of one consumer group. Raises ``KafkaError`` or ``TimeoutError``."""

    def __init__(self, config: Config) -> None:
        self._group = config.app_id
        self._timeout_s = config.kafka_timeout_s
        self._servers = config.kafka_bootstrap_servers
        self._consumer: AIOKafkaConsumer | None = None
        self._admin: AIOKafkaAdminClient | None = None

    async def __aenter__(self) -> Self:
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=self._servers,
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )
        self._admin = AIOKafkaAdminClient(bootstrap_servers=self._servers)
        await self._consumer.start()
        await self._admin.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._consumer is not None:
            await self._consumer.stop()
        if self._admin is not None:
            await self._admin.close()

    async def ends(self, topics: Iterable[str]) -> dict[Place, int]:
        """The end of each partition of the topics (of what is committed, with transactions)."""
        async with asyncio.timeout(self._timeout_s):
            described = await self._admin_client().describe_topics(list(topics))
            places = [
                TopicPartition(topic["topic"], partition["partition"])
                for topic in described
                for partition in topic["partitions"]
            ]
            ends = await self._client().end_offsets(places) if places else {}
        return {(tp.topic, tp.partition): offset for tp, offset in ends.items() if offset > 0}

    async def behind(self, ends: dict[Place, int]) -> set[Place]:
        """The partitions whose commits have not reached these ends; records nobody can read don't count."""
        if not ends:
            return set()
        places = [TopicPartition(*place) for place in ends]
        async with asyncio.timeout(self._timeout_s):
            committed = await self._admin_client().list_consumer_group_offsets(self._group, partitions=places)
        late = set()
        for tp in places:
            at = max(committed[tp].offset, 0)
            if at < ends[tp.topic, tp.partition] and not await self._is_empty(tp, at):
                late.add((tp.topic, tp.partition))
        return late

    async def _is_empty(self, tp: TopicPartition, since: int) -> bool:
        """Whether only expired, aborted or control records lie between ``since`` and the end."""
        consumer = self._client()
        consumer.assign([tp])
        consumer.seek(tp, since)
        records = await consumer.getmany(tp, timeout_ms=PROBE_MS, max_records=1)
        end = (await consumer.end_offsets([tp]))[tp]
        return not records.get(tp) and await consumer.position(tp) >= end

    def _client(self) -> AIOKafkaConsumer:
        if self._consumer is None:
            raise RuntimeError("use as a context manager")
        return self._consumer

    def _admin_client(self) -> AIOKafkaAdminClient:
        if self._admin is None:
            raise RuntimeError("use as a context manager")
        return self._admin
