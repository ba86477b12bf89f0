"""A worker on servers of its own, for one subject: rows seeded, lateness by the broker."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from bench.pending import Pending, write
from runtime.topics_admin import wanted
from schemas.deliveries import Delivery
from schemas.topics import SMS_DELIVERIES, decode
from tests.makers import a_setting
from tests.system.deployment import Deployment

PARTITIONS = 12
SETTINGS = {
    "PARTITIONS": str(PARTITIONS),
    "QUIET_FROM": "00:00",
    "QUIET_UNTIL": "00:00",
    "TICK_RETRY_S": "30",
    "SETTLING_S": "60",
    "REMINDER_LEADS_S": "900",
}
FAR = timedelta(days=30)
MS = 1000.0


class Product:
    """A deployment of worker and Kafka, for one subject."""

    def __init__(self, folder: Path, store: str) -> None:
        self.deployment = Deployment(folder, **SETTINGS, STORE=store)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Product"]:
        """Servers and topics, with the broker's clock on what is delivered."""
        await asyncio.to_thread(self.deployment.start_servers)
        try:
            admin = AIOKafkaAdminClient(bootstrap_servers=self.kafka)
            await admin.start()
            [topic] = [one for one in wanted(self.deployment.config) if one.name == SMS_DELIVERIES.name]
            stamped = topic.configs | {"message.timestamp.type": "LogAppendTime"}
            await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic.name, stamped)])
            await admin.close()
            yield self
        finally:
            await asyncio.to_thread(self.deployment.end)

    @property
    def kafka(self) -> str:
        """Bootstrap servers."""
        return self.deployment.env["KAFKA_BOOTSTRAP_SERVERS"]

    @property
    def pid(self) -> int:
        """The worker's."""
        return self.deployment.running["worker"].pid

    async def seeded(self, pending: int, due_at: Callable[[int], datetime]) -> None:
        """So many phones with a reminder to come, their workspace switched on."""
        config = self.deployment.config
        rows = Pending(config, datetime.now(UTC) + 2 * FAR).rows(pending, due_at)
        await write(config, rows)
        await self.deployment.tell(a_setting())

    async def ready(self) -> float:
        """Start the worker; seconds until its barrier is open."""
        log = self.deployment.folder / "worker.log"
        before = log.read_text().count("barrier_open") if log.exists() else 0
        started = time.monotonic()
        self.deployment.start("worker")
        while log.read_text(errors="replace").count("barrier_open") == before:
            if self.deployment.running["worker"].poll() is not None or time.monotonic() > started + 300:
                raise RuntimeError(self.deployment.tails())
            await asyncio.sleep(0.05)
        return time.monotonic() - started

    async def end_of(self, topic: str) -> int:
        """How many records a topic has seen."""
        async with AIOKafkaConsumer(bootstrap_servers=self.kafka) as consumer:
            tps = [TopicPartition(topic, n) for n in range(PARTITIONS)]
            return sum((await consumer.end_offsets(tps)).values())

    async def grown(self, topic: str, to: int, timeout_s: float) -> None:
        """Wait until a topic has so many records."""
        async with AIOKafkaConsumer(bootstrap_servers=self.kafka) as consumer:
            tps = [TopicPartition(topic, n) for n in range(PARTITIONS)]
            deadline = time.monotonic() + timeout_s
            while (end := sum((await consumer.end_offsets(tps)).values())) < to:
                if time.monotonic() > deadline:
                    raise TimeoutError(f"{topic}: {end} of {to}\n{self.deployment.tails()}")
                await asyncio.sleep(0.05)

    async def deliveries(self) -> list[tuple[Delivery, datetime]]:
        """What was handed over, and when the broker had it."""
        found = []
        async with AIOKafkaConsumer(bootstrap_servers=self.kafka, auto_offset_reset="earliest") as consumer:
            tps = [TopicPartition(SMS_DELIVERIES.name, n) for n in range(PARTITIONS)]
            consumer.assign(tps)
            left = sum((await consumer.end_offsets(tps)).values())
            while left > 0:
                for records in (await consumer.getmany(timeout_ms=500)).values():
                    left -= len(records)
                    for record in records:
                        message = decode(SMS_DELIVERIES.name, record.value or b"")
                        if isinstance(message, Delivery):
                            found.append((message, datetime.fromtimestamp(record.timestamp / MS, UTC)))
        return found
