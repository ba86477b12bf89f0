"""What one worker knows: its declarations, how far it is, whose turn it is, whether anything failed."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from operator import attrgetter
from socket import gethostname
from typing import TYPE_CHECKING, Any, cast

from aiokafka import AIOKafkaProducer
from faust.types import TP

from streams.lane.batch import Batch
from streams.lane.delivery import Delivered
from streams.lane.errors import LaneError
from streams.lane.failpoints import knows_epochs
from streams.lane.hooks import Hooks
from streams.lane.marks import Mark
from streams.lane.membership import Membership
from streams.lane.outbox import Outbox, now_ms
from streams.lane.ownership import Ownership
from streams.lane.pipeline import Pipeline
from streams.lane.progress import Progress
from streams.lane.settings import LaneSettings
from streams.lane.transport import LaneProducer

if TYPE_CHECKING:
    from streams.lane.app import LaneApp
    from streams.lane.table import LaneTable

_offset_of = attrgetter("offset")
_MARK_RESERVE = 1_000  # bytes of a record batch kept for its header and its mark


class Lane:
    """Lets one body run at a time. ``failed``: why nothing happens any more, or None."""

    def __init__(self, app: "LaneApp", settings: LaneSettings, env: Mapping[str, str]) -> None:
        self.app = app
        self.max_batch_bytes = settings.max_batch_bytes
        self.max_rows_bytes = self.max_batch_bytes - _MARK_RESERVE  # of a batch
        self.max_row_bytes = (
            self.max_rows_bytes // 4
        )  # of one row, so that several fit behind a half-full batch
        self.sources: dict[str, bool] = {}  # topic to whether its log may have holes
        self.outputs: dict[str, int] = {}  # declared topic to its number of partitions, 0 before the start
        self.tables: list[LaneTable[Any]] = []
        self.progress = Progress(self.sources)
        self.hooks = Hooks()
        self.failed: BaseException | None = None
        self._crash: asyncio.Future[None] | None = None
        self._turn = asyncio.Lock()
        self._pipeline = Pipeline(self, settings.max_inflight, env)
        self.name = f"{gethostname()}:{os.getpid()}"
        self.knows_epochs = knows_epochs(env)
        self.ownership = Ownership(self, epochs=self.knows_epochs)
        self.membership = Membership(
            self._is_member, lease_s=settings.session_timeout_s / 2, timeout_s=settings.request_timeout_s
        )
        self._drain_timeout_s = settings.drain_timeout_s
        self._applied: dict[TP, int] = {}
        self.revocations = 0  # so far
        self._under_way: dict[Batch, float] = {}  # admitted and not done, to the monotonic time of its start

    async def admit(self, delivered: Delivered) -> Batch | None:
        """Wait for the turn of ``delivered``; None if it is no longer ours to process.

        The turn is given back by ``leave``.
        """
        await self._turn.acquire()
        try:
            if self.failed is not None or not self._is_current(delivered.generation):
                batch = None
            else:
                batch = Batch(self, self._unseen(delivered))
                self._under_way[batch] = time.monotonic()
        except BaseException:
            self._turn.release()
            raise
        if batch is None:
            self._turn.release()
        return batch

    def _is_current(self, generation: int) -> bool:
        return self.app.flow_control.is_active() and generation == self.app.consumer_generation_id

    def _unseen(self, delivered: Delivered) -> Delivered:
        """Without the records whose effects the table holds already: a replay after a crash or a move."""
        self.progress.check(delivered)
        applied = self.applied(delivered.tp)
        if not delivered.records or delivered.records[0].offset > applied:
            return delivered
        left = [record for record in delivered.records if record.offset > applied]
        return Delivered(delivered.tp, left, delivered.start, delivered.end, delivered.generation)

    def applied(self, tp: TP) -> int:
        """The last offset of source ``tp`` whose effects are in a table; -1 if none is."""
        if tp not in self._applied:
            self._applied[tp] = self.mark(tp).offset
        return self._applied[tp]

    def mark(self, tp: TP) -> Mark:
        """The mark of source ``tp`` in the table that has read it furthest."""
        return max((table.mark(tp) for table in self.tables), key=_offset_of, default=Mark(-1))

    def apply(self, tp: TP, offset: int) -> None:
        """A table holds the effects of source ``tp`` up to ``offset``."""
        self._applied[tp] = offset

    async def leave(self, batch: Batch, error: BaseException | None) -> None:
        """The body ended. What it wrote and sent goes on its way; if it raised, nothing more does."""
        try:
            if error is None:
                batch.close()
                if batch.table is not None:
                    batch.table.hold_back(batch)
                self.progress.begin(batch.tp, batch.end)
                await self._pipeline.submit(batch)
        except BaseException as problem:
            self.settled(batch)
            self.poison(problem)
            raise
        finally:
            self._turn.release()
        if error is not None:
            self.settled(batch)
            self.poison(error)

    def settled(self, batch: Batch) -> None:
        """The batch is done or given up."""
        self._under_way.pop(batch, None)

    def oldest_at(self) -> float | None:
        """Monotonic time since which the oldest batch is under way; None if there is none."""
        return next(iter(self._under_way.values()), None)

    def give_up(self, age_s: float) -> None:
        """A batch takes too long: end the worker, so that another does it again."""
        self.poison(LaneError(f"a batch was not done within {age_s:.0f} s"))

    async def confirm(self, generation: int) -> None:
        """Raise ``Superseded`` rather than write what another worker may be writing by now."""
        if self.knows_epochs:
            await self.membership.confirm(generation)

    async def _is_member(self, generation: int) -> bool:
        return bool(await cast(Any, self.app.consumer).is_member(generation))

    def table_of(self, changelog: TP) -> "LaneTable[Any]":
        """The table that a changelog partition belongs to."""
        return next(table for table in self.tables if table.changelog_topic_name == changelog.topic)

    @property
    def producer(self) -> AIOKafkaProducer:
        """The worker's idempotent producer."""
        return cast(LaneProducer, self.app.producer).client

    def outbox(self) -> Outbox:
        """An empty outbox for records stamped now."""
        return Outbox(self.producer, self.outputs, self.max_batch_bytes, now_ms())

    async def prepare(self) -> None:
        """Learn the partition counts of the outputs. Raises ``UnknownTopicOrPartitionError``."""
        for topic, count in self.outputs.items():
            if not count:
                self.outputs[topic] = len(await self.producer.partitions_for(topic))

    def poison(self, error: BaseException) -> None:
        """From now on nothing is processed, sent or committed, and the worker goes down with status 1."""
        if self.failed is None:
            self.failed = error
            self._crash = asyncio.ensure_future(self.app.crash(error))

    async def drain(self) -> None:
        """Wait for the body and the batches under way; poisons the lane if they take too long."""
        try:
            async with asyncio.timeout(self._drain_timeout_s), self._turn:
                await self._pipeline.drain()
        except TimeoutError:
            self.poison(LaneError(f"batches were not done within {self._drain_timeout_s} s"))

    @asynccontextmanager
    async def at_rest(self) -> AsyncIterator[None]:
        """Between batches: no body runs, none is under way."""
        async with self._turn:
            await self._pipeline.drain()
            yield

    def forget(self, tps: "frozenset[TP]") -> None:
        """The partitions were revoked: drop their progress, marks and held-back writes."""
        self.revocations += 1
        self.progress.forget(tps)
        self.ownership.forget()
        for tp in tps:
            self._applied.pop(tp, None)
        for table in self.tables:
            table.forget({tp.partition for tp in tps})
            table.forget_readings()
