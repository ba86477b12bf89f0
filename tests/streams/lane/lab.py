"""What tests with real Kafka share: topics of one test, workers to start and kill, the fold to compare."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import GroupCoordinatorNotAvailableError

from runtime.partition import partition_for
from streams.lane import changelog_topic_name, is_internal

PARTITIONS = 4
Record = tuple[bytes | None, bytes | None]


class Lab:
    """Topics and processes of one test. Inputs are ``(key, value)``, values unique."""

    def __init__(self, broker: str, folder: Path) -> None:
        self.broker = broker
        self.id = f"lane-{uuid4().hex[:8]}"
        self.folder = folder
        self.workers: list[subprocess.Popen[bytes]] = []
        self.inputs: list[Record] = []

    def topic(self, name: str) -> str:
        return f"{self.id}-{name}"

    @property
    def changelog(self) -> str:
        return changelog_topic_name(self.id, "counts")

    async def create_topics(self, *, copies: int = 1) -> None:
        safe = {"min.insync.replicas": str(min(copies, 2))}
        names = [self.topic(name) for name in ("in", "again", "public", "out")]
        topics = [NewTopic(name, PARTITIONS, copies, topic_configs=safe) for name in names]
        compact = safe | {"cleanup.policy": "compact"}
        topics.append(NewTopic(self.changelog, PARTITIONS, copies, topic_configs=compact))
        async with self.admin() as admin:
            await admin.create_topics(topics)

    @asynccontextmanager
    async def admin(self) -> AsyncIterator[AIOKafkaAdminClient]:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.broker)
        await admin.start()
        try:
            yield admin
        finally:
            await admin.close()

    async def set_topic(self, admin: AIOKafkaAdminClient, name: str, configs: dict[str, str]) -> None:
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, self.topic(name), configs)])

    @asynccontextmanager
    async def producer(self, **settings: Any) -> AsyncIterator[AIOKafkaProducer]:
        producer = AIOKafkaProducer(
            bootstrap_servers=self.broker,
            enable_idempotence=True,  # what a restarted broker is sent again must not count as other records
            linger_ms=5,
            **settings,
        )
        await producer.start()
        try:
            yield producer
        finally:
            await producer.stop()

    async def publish(self, records: Iterable[Record], name: str = "in", *, rate: float = 0) -> None:
        """Send to the partition of each key; ``rate``: records a second, 0: at once."""
        async with self.producer() as producer:
            sent = []
            for n, (key, value) in enumerate(records):
                partition = partition_for(key or b"none", PARTITIONS)
                sent.append(await producer.send(self.topic(name), value, key=key, partition=partition))
                if rate and n % 20 == 0:
                    await asyncio.sleep(20 / rate)
                self.inputs.append((key, value))
            await asyncio.gather(*sent)

    def start(self, name: str = "a", **env: str) -> "subprocess.Popen[bytes]":
        """A worker with its own data folder and log, both by ``name``."""
        variables = {
            **os.environ,
            "LANE_BROKER": self.broker,
            "LANE_ID": self.id,
            "LANE_DATA": str(self.folder / name),
            "PYTHONPATH": ".",
            **env,
        }
        command = [sys.executable, "-m", "faust", "-A", "tests.streams.lane.counting", "worker", "-l", "info"]
        with (self.folder / f"{name}.log").open("ab") as log:
            worker = subprocess.Popen(command, env=variables, stdout=log, stderr=subprocess.STDOUT)
        self.workers.append(worker)
        return worker

    @asynccontextmanager
    async def kept_running(self, name: str, **env: str) -> AsyncIterator[None]:
        """A worker that is started again whenever it ends, as in a deployment."""

        async def keep() -> None:
            while True:
                await asyncio.to_thread(self.start(name, **env).wait)

        keeping = asyncio.create_task(keep())
        try:
            yield
        finally:
            keeping.cancel()
            self.end()

    def log(self, name: str = "a") -> str:
        return (self.folder / f"{name}.log").read_text()

    @staticmethod
    async def ended(worker: "subprocess.Popen[bytes]", timeout_s: float = 30) -> int:
        """Its status, once it has ended by itself."""
        return await asyncio.to_thread(worker.wait, timeout_s)

    async def stop(self, worker: "subprocess.Popen[bytes]") -> int:
        """Tell it to end once it hears that: one that is still importing would just die of it."""
        while worker.poll() is None and not _heeds(worker.pid, signal.SIGTERM):  # noqa: ASYNC110  # of another process
            await asyncio.sleep(0.05)
        worker.send_signal(signal.SIGTERM)
        return await self.ended(worker)

    def end(self) -> None:
        for worker in self.workers:
            if worker.poll() is None:
                worker.kill()
                worker.wait()

    # --- what came of it

    async def read(self, topic: str) -> list[Any]:
        """Every record of the topic, partition after partition."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.broker, auto_offset_reset="earliest")
        await consumer.start()
        try:
            tps = [TopicPartition(topic, n) for n in range(PARTITIONS)]
            consumer.assign(tps)
            records: dict[TopicPartition, list[Any]] = {tp: [] for tp in tps}
            ends = await consumer.end_offsets(tps)
            for tp, end in ends.items():
                while await consumer.position(tp) < end:
                    for where, some in (await consumer.getmany(timeout_ms=200)).items():
                        records[where] += some
            return [record for tp in tps for record in records[tp]]
        finally:
            await consumer.stop()

    async def outputs(self) -> list[bytes]:
        return [record.value for record in await self.read(self.topic("out"))]

    async def table(self) -> dict[str, int]:
        """The fold of the changelog: of rows as young as the youngest before them in their partition."""
        rows: dict[str, int] = {}
        newest: Counter[int] = Counter()
        for record in await self.read(self.changelog):
            epoch = int(dict(record.headers).get("epoch", newest[record.partition]))
            if epoch < newest[record.partition]:
                continue
            newest[record.partition] = epoch
            if is_internal(record.key):
                continue
            if record.value is None:
                rows.pop(record.key.decode(), None)
            else:
                rows[record.key.decode()] = int(record.value)
        return rows

    def expected_outputs(self) -> list[bytes]:
        """Each input with its number among those of its key."""
        seen: Counter[bytes | None] = Counter()
        expected = []
        for key, value in self.inputs:
            seen[key] += 1
            expected.append(b"%b %d" % (value or b"none", seen[key]))
        return expected

    def expected_table(self) -> dict[str, int]:
        return dict(Counter((key or b"none").decode() for key, _ in self.inputs))

    async def committed(self, name: str = "in") -> dict[int, int]:
        """Committed offset by partition."""
        try:
            async with self.admin() as admin:
                offsets = await admin.list_consumer_group_offsets(self.id)
        except GroupCoordinatorNotAvailableError:  # the first group of this broker
            return {}
        return {tp.partition: at.offset for tp, at in offsets.items() if tp.topic == self.topic(name)}

    async def set_committed(self, offset: int, name: str = "in") -> None:
        """As ``kafka-consumer-groups --reset-offsets`` does."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.broker, group_id=self.id, enable_auto_commit=False)
        await consumer.start()
        try:
            tps = [TopicPartition(self.topic(name), n) for n in range(PARTITIONS)]
            consumer.assign(tps)
            await consumer.commit(dict.fromkeys(tps, offset))
        finally:
            await consumer.stop()

    async def ends(self, name: str = "in") -> dict[int, int]:
        """End offset by partition."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.broker)
        await consumer.start()
        try:
            ends = await consumer.end_offsets(
                [TopicPartition(self.topic(name), n) for n in range(PARTITIONS)]
            )
        finally:
            await consumer.stop()
        return {tp.partition: end for tp, end in ends.items()}

    async def caught_up(self, *names: str, timeout_s: float = 40) -> None:
        """Wait until everything in the topics is committed; say what is missing if it takes too long."""
        names = names or ("in",)
        deadline = time.monotonic() + timeout_s
        while True:
            lag = {name: (await self.committed(name), await self.ends(name)) for name in names}
            if all(done == end for done, end in lag.values()):
                return
            assert time.monotonic() < deadline, f"not caught up: {lag}\n{self.logs()}"
            await asyncio.sleep(0.1)

    async def logged(self, text: str, name: str = "a", timeout_s: float = 20) -> None:
        """Wait until the log of a worker has ``text``."""
        deadline = time.monotonic() + timeout_s
        while text not in self.log(name):
            assert time.monotonic() < deadline, self.logs()
            await asyncio.sleep(0.1)

    async def mended(self, timeout_s: float = 10) -> None:
        """Wait until the last row of each key in the changelog is one that counts."""
        deadline = time.monotonic() + timeout_s
        while True:
            newest: Counter[int] = Counter()
            counts: dict[tuple[int, bytes], bool] = {}
            for record in await self.read(self.changelog):
                epoch = int(dict(record.headers)["epoch"])
                newest[record.partition] = max(epoch, newest[record.partition])
                counts[record.partition, record.key] = epoch >= newest[record.partition]
            if all(counts.values()):
                return
            assert time.monotonic() < deadline, self.logs()
            await asyncio.sleep(0.2)

    async def caught_up_once(self, name: str = "in", timeout_s: float = 20) -> None:
        """Wait until something of the topic is committed."""
        deadline = time.monotonic() + timeout_s
        while not any((await self.committed(name)).values()):
            assert time.monotonic() < deadline, self.logs()
            await asyncio.sleep(0.1)

    def logs(self) -> str:
        return "\n".join(f"--- {path.name}\n{path.read_text()[-3000:]}" for path in self.folder.glob("*.log"))


def _heeds(pid: int, number: signal.Signals) -> bool:
    """Whether a process has a handler for the signal, as Linux tells it."""
    [caught] = re.findall(r"SigCgt:\s*([0-9a-f]+)", Path(f"/proc/{pid}/status").read_text())
    return bool(int(caught, 16) >> (number - 1) & 1)


def numbered(count: int, *, keys: int = 50, first: int = 0) -> list[Record]:
    """Records with unique values over some keys."""
    return [(b"key-%d" % (n % keys), b"%d" % n) for n in range(first, first + count)]
