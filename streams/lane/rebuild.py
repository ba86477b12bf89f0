"""After a source was recreated, or its offsets were reset on purpose: let tables forget how far it was read.

A table's mark says up to which offset of a source it holds the effects, and a worker leaves out what lies
below. If the log behind the mark is another one now, records would be hidden: workers refuse to start. Here
the marks of such sources are taken out of the changelogs; rows stay as they are.
"""

from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Literal, Self

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.structs import OffsetAndMetadata
from faust.types import TP

from streams.lane.changelog import append
from streams.lane.collection import changelog_topic_name
from streams.lane.epochs import FENCE_KEY, Reading, encode_fence
from streams.lane.errors import LaneError
from streams.lane.marks import Mark, decode_mark, mark_key
from streams.lane.outbox import now_ms
from streams.lane.replaced import COMMITTED_BY_LANE, Place, problem_of
from streams.lane.witness import contradicted

_READ_MS = 200
_offset_of = attrgetter("offset")


@dataclass(frozen=True)
class Finding:
    """A source partition that workers refuse: ``problem``, and how far each table has read it."""

    tp: TopicPartition
    problem: Literal["replaced", "reset"]
    place: Place
    first: int
    tables: Mapping[str, int]  # changelog topic to its mark


class Rebuild:
    """``async with Rebuild(...) as rebuild``: ``find``, show, ``forget``. No worker may be running."""

    def __init__(self, servers: str, group: str, *, sources: Iterable[str], tables: Iterable[str]) -> None:
        """``group``: the app id; ``sources``, ``tables``: names of topics and of tables."""
        self._group, self._sources = group, sorted(sources)
        self._changelogs = [changelog_topic_name(group, table) for table in tables]
        common = {"bootstrap_servers": servers}
        self._admin = AIOKafkaAdminClient(**common)
        self._producer = AIOKafkaProducer(**common, acks="all", enable_idempotence=True)
        self._consumer = AIOKafkaConsumer(
            **common, group_id=group, enable_auto_commit=False, auto_offset_reset="earliest"
        )
        self._readings: dict[TopicPartition, Reading] = {}
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        for end in (self._admin.close, self._producer.stop, self._consumer.stop):
            self._stack.push_async_callback(end)  # also of one that does not start
        try:
            for client in (self._admin, self._producer, self._consumer):
                await client.start()
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._stack.aclose()

    async def find(self) -> list[Finding]:
        """The source partitions that workers would refuse. Raises ``LaneError`` while one is running."""
        await self._require_nobody()
        marks = await self._read_marks()
        tps = await self._partitions(self._sources)
        held = {tp: {log: mark for (log, source), mark in marks.items() if source == tp} for tp in tps}
        furthest = {tp: max(some.values(), key=_offset_of) for tp, some in held.items() if some}
        others = await contradicted(self._consumer, furthest)
        self._consumer.assign(tps)
        ends, first = await self._consumer.end_offsets(tps), await self._consumer.beginning_offsets(tps)
        found = []
        for tp in tps:
            committed = (await self._committed(tp)) or OffsetAndMetadata(-1, "")
            mark = furthest.get(tp, Mark(-1)).offset
            place = Place(mark, committed.offset, committed.metadata, ends[tp], tp in others)
            problem = problem_of(place)
            if problem:
                found.append(
                    Finding(
                        tp, problem, place, first[tp], {log: mark.offset for log, mark in held[tp].items()}
                    )
                )
        return found

    async def forget(self, findings: Iterable[Finding]) -> None:
        """Take their marks out of the changelogs; a replaced log is read from its beginning.

        Marks first: if this is cut off between, workers still refuse, and it can be run again.
        """
        for finding in findings:
            for changelog in finding.tables:
                await self._forget_mark(TopicPartition(changelog, finding.tp.partition), finding.tp.topic)
            to = finding.first if finding.problem == "replaced" else finding.place.committed
            await self._consumer.commit({finding.tp: OffsetAndMetadata(to, COMMITTED_BY_LANE)})

    async def _forget_mark(self, changelog: TopicPartition, source: str) -> None:
        reading = self._readings[changelog]
        reading.epoch += 1
        rows = {mark_key(source): None, FENCE_KEY: encode_fence(reading.epoch, "rebuild")}
        await append(self._producer, TP(*changelog), rows, reading.epoch, now_ms())

    async def _require_nobody(self) -> None:
        for answer in await self._admin.describe_consumer_groups([self._group]):
            for group in answer.groups:
                if group[2] not in ("Empty", "Dead"):
                    raise LaneError(f"workers of {self._group} are running: stop them first")

    async def _partitions(self, topics: Iterable[str]) -> list[TopicPartition]:
        described: list[dict[str, Any]] = await self._admin.describe_topics(list(topics))
        return [
            TopicPartition(topic["topic"], part["partition"])
            for topic in described
            for part in topic["partitions"]
        ]

    async def _committed(self, tp: TopicPartition) -> OffsetAndMetadata | None:
        coordinator: Any = self._consumer._coordinator
        return dict(await coordinator.fetch_committed_offsets([tp])).get(tp)

    async def _read_marks(self) -> dict[tuple[str, TopicPartition], Mark]:
        """By changelog and source partition."""
        rows = await self._read_changelogs()
        return {
            (log.topic, TopicPartition(source, log.partition)): decode_mark(value)
            for log, held in rows.items()
            for source in self._sources
            if (value := held.get(mark_key(source))) is not None
        }

    async def _read_changelogs(self) -> dict[TopicPartition, dict[bytes, bytes | None]]:
        tps = await self._partitions(self._changelogs)
        self._consumer.assign(tps)
        await self._consumer.seek_to_beginning(*tps)
        self._readings = {tp: Reading(0) for tp in tps}
        wanted = {mark_key(source) for source in self._sources}
        rows: dict[TopicPartition, dict[bytes, bytes | None]] = {tp: {} for tp in tps}
        for tp, end in (await self._consumer.end_offsets(tps)).items():
            while await self._consumer.position(tp) < end:
                for place, records in (await self._consumer.getmany(timeout_ms=_READ_MS)).items():
                    taken = self._readings[place].take(records)
                    rows[place] |= {key: value for key, value in taken.items() if key in wanted}
        return rows
