"""The journal: appended to with acknowledgement, and known only as read back from the log."""

import asyncio
from collections.abc import Sequence
from typing import Any

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from runtime.config import Config
from runtime.failpoints import passing
from runtime.kafka import producer_settings
from runtime.routing import route
from schemas.base import Message
from schemas.topics import SMS_JOURNAL

log = structlog.get_logger()
UNCLEAR = (KafkaError, TimeoutError)
"""What an append raises: whether the records are there is then unclear, and they count as written."""


class Journal:
    """Appends records to the journal, and messages to the topics that they belong to."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._producer = self._new_producer()
        self._renewing: asyncio.Task[None] | None = None

    def _new_producer(self) -> AIOKafkaProducer:
        return AIOKafkaProducer(**{**producer_settings(self._config), "linger_ms": 0})

    async def start(self) -> None:
        """Connect."""
        await self._producer.start()

    async def stop(self) -> None:
        """Send what is pending and disconnect."""
        if self._renewing is not None:
            await asyncio.wait([self._renewing])
        await self._producer.stop()

    async def append(self, *messages: Message) -> int:
        """Append and wait for the acknowledgements; the offset of the last journal record, or -1.

        Raises one of ``UNCLEAR``.
        """
        return max(await self.append_all(messages), default=-1)

    async def append_all(self, messages: Sequence[Message]) -> list[int]:
        """Append and wait; the offsets of the journal records among them. Raises one of ``UNCLEAR``."""
        producer = self._producer
        try:
            async with asyncio.timeout(self._config.kafka_timeout_s):
                written = await self._send(producer, messages)
        except KafkaError as error:
            if not error.retriable and self._renewing is None:
                self._renewing = asyncio.create_task(self._renew(producer, error))
            raise
        return [w.offset for w in written if w.topic == SMS_JOURNAL.name]

    async def _send(self, producer: AIOKafkaProducer, messages: Sequence[Message]) -> list[Any]:
        futures = []
        for message in messages:
            r = route(message, self._config.partitions)
            futures.append(await producer.send(r.topic, key=r.key, value=r.value, partition=r.partition))
        passing("C1")
        return list(await asyncio.gather(*futures))

    async def _renew(self, broken: AIOKafkaProducer, error: KafkaError) -> None:
        """An idempotent producer that lost its place in the log never recovers: take a new one."""
        log.warning("kafka_producer_replaced", error=type(error).__name__)
        while self._producer is broken:
            fresh = self._new_producer()
            try:
                await fresh.start()
                self._producer = fresh
            except (KafkaError, OSError):
                await fresh.stop()
                await asyncio.sleep(self._config.reconnect_s)
        await broken.stop()
        self._renewing = None
