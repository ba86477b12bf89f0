"""Following topics from their beginning, for commands that look on."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer

from runtime.config import Config
from schemas.topics import decode


@asynccontextmanager
async def watching(config: Config, heard: Callable[[Any], None], *topics: str) -> AsyncIterator[None]:
    """While inside, call ``heard`` with each message of these topics, from the beginning, in no group."""
    consumer = AIOKafkaConsumer(
        *topics,
        bootstrap_servers=config.kafka_bootstrap_servers,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    await consumer.start()
    task = asyncio.create_task(_follow(consumer, heard))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await consumer.stop()


async def _follow(consumer: AIOKafkaConsumer, heard: Callable[[Any], None]) -> None:
    async for record in consumer:
        heard(decode(record.topic, record.value or b""))
