"""One contender, one run: started on a full topic, timed in the middle, its output checked."""

import asyncio
import os
import subprocess
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from bench import machine
from bench.counting.contenders import Contender
from bench.counting.events import PARTITIONS, events, expected, partition, told
from streams.lane import changelog_topic_name

_POLL_S = 0.02
_TIMEOUT_S = 180.0
_WARM = 0.2
"""Share of the input that is not timed: start, joining, caches."""


@dataclass(frozen=True)
class Figure:
    """Of one run: records a second, CPU microseconds a record of the whole process tree."""

    records_per_s: float
    cpu_us: float


class WrongOutput(Exception):
    """A contender wrote something else than the model; no figure is given for it."""


class Bench:
    """Topics on one broker; ``load`` once for each number of events, then ``run`` contenders."""

    def __init__(self, servers: str, folder: Path, seed: int) -> None:
        self._servers, self._folder, self._seed = servers, folder, seed

    async def load(self, count: int) -> str:
        """Publish so many events to a topic of their own; its name."""
        topic = f"events-{count}"
        await self.create({topic: {}})
        encode = msgspec.json.Encoder().encode
        async with AIOKafkaProducer(
            bootstrap_servers=self._servers, acks="all", linger_ms=20, max_batch_size=500_000
        ) as producer:
            for event in events(count, self._seed):
                key, value = event.person_id.encode(), encode(event)
                await producer.send(topic, value, key=key, partition=partition(event))
            await producer.flush()
        return topic

    async def run(self, contender: Contender, topic: str, count: int) -> Figure:
        """Run it over the topic. Raises ``NotHere``, ``WrongOutput`` or ``TimeoutError``."""
        command = contender.command()
        name = f"bench-{uuid4().hex[:8]}"
        out, changelog = f"{name}-out", changelog_topic_name(name, "counts")
        made: dict[str, dict[str, str]] = {out: {}}
        if "Faust" not in contender.name:  # which declares its own
            made[changelog] = {"cleanup.policy": "compact"}
        await self.create(made)
        env = os.environ | contender.env | {
            "BENCH_BROKER": self._servers, "BENCH_IN": topic, "BENCH_OUT": out, "BENCH_ID": name,
            "BENCH_CHANGELOG": changelog, "BENCH_DATA": str(self._folder / name),
        }  # fmt: skip
        log = self._folder / f"{name}.log"
        worker = _started(command, env, log)
        try:
            figure = await self._timed(worker, out, count, log)
            await self._check(contender, out, count)
        finally:
            worker.terminate()
            await asyncio.to_thread(_ended, worker)
        return figure

    async def _timed(self, worker: "subprocess.Popen[bytes]", out: str, count: int, log: Path) -> Figure:
        deadline = time.monotonic() + _TIMEOUT_S
        start: tuple[int, float, float] | None = None
        async with self._consumer() as consumer:
            places = [TopicPartition(out, n) for n in range(PARTITIONS)]
            while True:
                done = sum((await consumer.end_offsets(places)).values())
                now = done, time.perf_counter(), machine.cpu_s(worker.pid)
                if start is None and done >= _WARM * count:
                    start = now
                if done >= count and start is not None:
                    n, elapsed_s, cpu_s = (end - begin for end, begin in zip(now, start, strict=True))
                    return Figure(n / elapsed_s, cpu_s / n * 1e6)
                if time.monotonic() > deadline or worker.poll() is not None:
                    raise TimeoutError(f"{done} of {count} records: {_tail(log)}")
                await asyncio.sleep(_POLL_S)

    async def _check(self, contender: Contender, out: str, count: int) -> None:
        wanted, found = expected(count, self._seed), Counter[tuple[str, str, int]]()
        deadline = time.monotonic() + _TIMEOUT_S
        async with self._consumer(isolation_level="read_committed") as consumer:
            consumer.assign([TopicPartition(out, n) for n in range(PARTITIONS)])
            while found.total() < count and time.monotonic() < deadline:
                for records in (await consumer.getmany(timeout_ms=500)).values():
                    found.update(told(record.value) for record in records)
        if found != wanted:
            wrong = (found - wanted).total() + (wanted - found).total()
            raise WrongOutput(f"{contender.name}: {wrong} of {count} records differ from the model")

    @asynccontextmanager
    async def _consumer(self, **settings: str) -> AsyncIterator[AIOKafkaConsumer]:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._servers, auto_offset_reset="earliest", max_poll_records=10_000, **settings
        )
        async with consumer:
            yield consumer

    async def create(self, topics: dict[str, dict[str, str]]) -> None:
        """Make topics, each with its own settings."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self._servers)
        await admin.start()
        await admin.create_topics(
            [NewTopic(name, PARTITIONS, 1, topic_configs=configs) for name, configs in topics.items()]
        )
        await admin.close()


def _started(command: list[str], env: dict[str, str], log: Path) -> "subprocess.Popen[bytes]":
    with log.open("wb") as file:
        return subprocess.Popen(command, env=env, stdout=file, stderr=subprocess.STDOUT)


def _tail(log: Path) -> str:
    return log.read_text()[-600:]


def _ended(worker: "subprocess.Popen[bytes]") -> None:
    try:
        worker.wait(20)
    except subprocess.TimeoutExpired:
        worker.kill()
        worker.wait()
