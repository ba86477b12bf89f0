"""Does Kafka answer now? A consumer whose brokers are away waits in silence; readiness must not."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError

from runtime.config import Config
from runtime.tasks import end_all

LOOK_S = 1.0


@dataclass
class KafkaWatch:
    """``answers``: whether a broker answered at the last look."""

    answers: bool = False

    def beside(self, ready: Callable[[], dict[str, bool]]) -> Callable[[], dict[str, bool]]:
        """What a process is ready by, with ``kafka`` among it."""
        return lambda: {"kafka": self.answers, **ready()}

    async def look_for_ever(self, config: Config) -> None:
        """Look once in ``LOOK_S``, connecting anew after each failure."""
        while True:
            client = AIOKafkaClient(
                bootstrap_servers=config.kafka_bootstrap_servers,
                request_timeout_ms=int(config.kafka_timeout_s * 1000),
            )
            try:
                await self._look(client, config.kafka_timeout_s)
            except (KafkaError, OSError):  # a timeout is an OSError too
                self.answers = False
            finally:
                await client.close()
            await asyncio.sleep(LOOK_S)

    async def _look(self, client: AIOKafkaClient, timeout_s: float) -> None:
        async with asyncio.timeout(timeout_s):
            await client.bootstrap()
        while True:
            async with asyncio.timeout(timeout_s):
                await client.fetch_all_metadata()
            self.answers = True
            await asyncio.sleep(LOOK_S)


@asynccontextmanager
async def watching(config: Config) -> AsyncIterator[KafkaWatch]:
    """A watch that looks while the block runs."""
    watch = KafkaWatch()
    task = asyncio.create_task(watch.look_for_ever(config))
    try:
        yield watch
    finally:
        await end_all([task])
