"""The journal: appended to with acknowledgement, and known only as read back from the log."""

import asyncio
from typing import Any

from aiokafka import AIOKafkaProducer

from runtime.config import Config
from runtime.kafka import producer_settings
from runtime.routing import route
from schemas.base import Message
from schemas.topics import SMS_JOURNAL


class Journal:
    """Appends records, and messages to other topics. Raises ``KafkaError`` or ``TimeoutError``: then it is
    unclear whether a record is there, and it counts as written.
    """

    def __init__(self, config: Config) -> None:
        self._partitions, self._timeout_s = config.partitions, config.kafka_timeout_s
        self._producer = AIOKafkaProducer(**{**producer_settings(config), "linger_ms": 0})

    async def start(self) -> None:
        """Connect."""
        await self._producer.start()

    async def stop(self) -> None:
        """Send what is pending and disconnect."""
        await self._producer.stop()

    async def append(self, *messages: Message) -> int:
        """Append and wait for the acknowledgements; the offset of the last journal record among them."""
        async with asyncio.timeout(self._timeout_s):
            futures: list[Any] = []
            for message in messages:
                r = route(message, self._partitions)
                futures.append(
                    await self._producer.send(r.topic, key=r.key, value=r.value, partition=r.partition)
                )
            written = await asyncio.gather(*futures)
        return max((w.offset for w in written if w.topic == SMS_JOURNAL.name), default=-1)
