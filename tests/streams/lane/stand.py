"""A lane without servers: a real ``LaneApp`` whose producer acknowledges when it is told to."""

import asyncio
from collections import Counter
from types import SimpleNamespace
from typing import Any

from aiokafka import ConsumerRecord
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from faust.types import TP

from streams.lane import Batch, Batches, LaneApp, LaneSettings, LaneTable
from streams.lane.delivery import Delivered

PARTITIONS = 4


class Sent:
    """One record batch on its way."""

    def __init__(self, topic: str, partition: int, builder: BatchBuilder, offset: int) -> None:
        self.topic = topic
        self.partition = partition
        batch = MemoryRecords(bytes(builder._build())).next_batch()
        records = list(batch or ())
        self.records = [(record.key, record.value) for record in records]
        self.headers = [list(record.headers) for record in records]
        self.future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.offset = offset

    def acknowledge(self) -> None:
        if not self.future.done():
            self.future.set_result(SimpleNamespace(offset=self.offset))


class HeldProducer:
    """Acknowledges at once, or when told to if ``held``."""

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self.held = False
        self.sent: list[Sent] = []
        self.ends: Counter[TP] = Counter()

    def create_batch(self) -> BatchBuilder:
        return BatchBuilder(self.max_bytes, 0)

    async def send_batch(self, builder: BatchBuilder, topic: str, *, partition: int) -> "asyncio.Future[Any]":
        tp = TP(topic, partition)
        sent = Sent(topic, partition, builder, self.ends[tp])
        self.ends[tp] += builder.record_count()
        self.sent.append(sent)
        if not self.held:
            sent.acknowledge()
        return sent.future

    async def partitions_for(self, _topic: str) -> set[int]:
        return set(range(PARTITIONS))

    def topics(self) -> list[str]:
        return [sent.topic for sent in self.sent]


class Stand:
    """The lane of one app with a source ``in``, a table ``counts`` of numbers, an output ``out``."""

    def __init__(
        self, *, max_batch_bytes: int = 900_000, max_inflight: int = 16, env: dict[str, str] | None = None
    ) -> None:
        settings = LaneSettings(
            broker="kafka://127.0.0.1:1",
            max_batch_bytes=max_batch_bytes,
            max_inflight=max_inflight,
            drain_timeout_s=1,
        )
        self.app = LaneApp("stand", settings, env=env or {})
        self.lane = self.app.lane
        self.app.batch_topic("in")
        self.app.batch_topic("compacted", holes=True)
        self.app.output("out")
        self.counts: LaneTable[int] = self.app.table("counts", encode=b"%d".__mod__, decode=int)
        self.producer = HeldProducer(max_batch_bytes)
        self.crashes: list[BaseException] = []
        self.commits = 0
        self.member = True

    async def start(self) -> "Stand":
        async def crash(error: BaseException) -> None:
            self.crashes.append(error)

        async def commit() -> None:
            self.commits += 1

        app: Any = self.app
        app.crash = crash
        app.producer = SimpleNamespace(client=self.producer)

        async def is_member(generation: int) -> bool:
            return self.member and generation == app.consumer_generation_id

        async def highwaters(*tps: TP) -> dict[TP, int]:
            return {tp: self.producer.ends[tp] for tp in tps}

        app.consumer = SimpleNamespace(
            topic_partitions=lambda _topic: None, commit=commit, is_member=is_member, highwaters=highwaters
        )
        app.flow_control.resume()
        for table in self.lane.tables:
            for partition in range(PARTITIONS):
                await table.store.hold(partition)
        await self.lane.prepare()
        self.lane.progress.start({TP("in", n): 0 for n in range(PARTITIONS)})
        await self.claim()
        return self

    async def claim(self) -> None:
        """As after a recovery that read everything; what was sent for it is not kept."""
        ends = {
            TP(table.changelog_topic_name, n): self.producer.ends[TP(table.changelog_topic_name, n)]
            for table in self.lane.tables
            for n in range(PARTITIONS)
        }
        await self.lane.ownership.claim(ends, self.app.consumer_generation_id)
        self.producer.sent.clear()

    def delivery(self, *values: str, start: int = 0, partition: int = 0, topic: str = "in") -> Delivered:
        tp = TP(topic, partition)
        records = [record(tp, start + n, value) for n, value in enumerate(values)]
        return Delivered(tp, records, start, start + len(records), self.app.consumer_generation_id)

    async def admit(self, delivered: Delivered) -> Batch:
        batch = await self.lane.admit(delivered)
        assert batch is not None
        return batch

    def batches(self, *deliveries: Delivered) -> Batches:
        async def stream() -> Any:
            for delivered in deliveries:
                yield delivered

        return Batches(self.lane, stream())

    async def count(self, delivered: Delivered) -> Batch:
        """The usual body: count by key, tell."""
        async with await self.admit(delivered) as batch:
            for each in batch:
                key = (each.key or b"").decode()
                self.counts[key] = self.counts.get(key, 0) + 1
                batch.send("out", key=each.key, value=each.value)
        return batch

    async def settle(self) -> None:
        """Let everything that can go on go on."""
        for _ in range(20):
            await asyncio.sleep(0)


def record(tp: TP, offset: int, value: str) -> "ConsumerRecord[bytes, bytes]":
    """``key=value`` or a value that is its own key."""
    key, _, rest = value.partition("=")
    data = (rest or key).encode()
    return ConsumerRecord(
        tp.topic, tp.partition, offset, 0, 0, key.encode(), data, None, len(key), len(data), ()
    )
