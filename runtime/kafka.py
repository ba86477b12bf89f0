"""Kafka clients as this project wants them: idempotent, acknowledged by all, bounded in time."""

import asyncio
from collections.abc import Iterable
from typing import Any

from aiokafka import AIOKafkaProducer

from runtime.config import Config
from runtime.routing import route
from schemas.base import Message


def producer_settings(config: Config) -> dict[str, Any]:
    """Keyword arguments of every producer of ours."""
    return {
        "bootstrap_servers": config.kafka_bootstrap_servers,
        "acks": "all",
        "enable_idempotence": True,
        "linger_ms": 2,
        "max_batch_size": 131_072,
        "request_timeout_ms": int(config.kafka_timeout_s * 1000),
    }


class Publisher:
    """Sends messages to the topics they belong to, and returns when the broker has them."""

    def __init__(self, config: Config) -> None:
        self._partitions = config.partitions
        self._timeout_s = config.kafka_timeout_s
        self._producer = AIOKafkaProducer(**producer_settings(config))

    async def start(self) -> None:
        """Connect. Raises aiokafka's ``KafkaConnectionError`` if no broker answers."""
        await self._producer.start()

    async def stop(self) -> None:
        """Send what is pending and disconnect."""
        await self._producer.stop()

    async def reachable(self) -> bool:
        """Whether a broker answers now. Raises ``TimeoutError`` or a ``KafkaError`` if none does."""
        async with asyncio.timeout(self._timeout_s):
            await self._producer.client.fetch_all_metadata()
        return True

    async def publish(self, messages: Iterable[Message]) -> None:
        """Send all and wait for every acknowledgement.

        Raises ``TimeoutError`` or a ``KafkaError``; what was sent then is unclear and may be there.
        """
        async with asyncio.timeout(self._timeout_s):
            waiting = []
            for message in messages:
                r = route(message, self._partitions)
                waiting.append(
                    await self._producer.send(r.topic, key=r.key, value=r.value, partition=r.partition)
                )
            if waiting:
                await asyncio.gather(*waiting)
