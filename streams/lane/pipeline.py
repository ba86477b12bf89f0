"""The order of a step: outputs acknowledged, changelog acknowledged, local store, done (may be committed).

Batches pass these stations in the order of their bodies; up to ``max_inflight`` are under way at once.
"""

import asyncio
import time
from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from aiokafka import AIOKafkaProducer
from faust.types import TP

from streams.lane.batch import Batch
from streams.lane.delivery import Delivered
from streams.lane.errors import LaneError, Poisoned
from streams.lane.failpoints import Failpoints, is_reversed
from streams.lane.hooks import Hooks
from streams.lane.marks import encode_mark, mark_key
from streams.lane.outbox import Outbox
from streams.lane.progress import Progress
from streams.lane.transport import LaneProducer

if TYPE_CHECKING:
    from streams.lane.app import LaneApp
    from streams.lane.table import LaneTable

_MARK_RESERVE = 1_000  # bytes of a record batch kept for its header and its mark


class Lane:
    """State and order of one worker's batches. ``failed``: why nothing happens any more, or None."""

    def __init__(
        self,
        app: "LaneApp",
        *,
        max_batch_bytes: int,
        max_inflight: int,
        drain_timeout_s: float,
        env: Mapping[str, str],
    ) -> None:
        self._app = app
        self.max_batch_bytes = max_batch_bytes
        self.max_row_bytes = max_batch_bytes - _MARK_RESERVE
        self._max_inflight = max_inflight
        self._drain_timeout_s = drain_timeout_s
        self._failpoints = Failpoints.from_env(env)
        self._reversed = is_reversed(env)
        self.sources: dict[str, bool] = {}  # topic to whether its log may have holes
        self.outputs: dict[str, int] = {}  # declared topic to its number of partitions, 0 before the start
        self.tables: list[LaneTable[Any]] = []
        self.progress = Progress(self.sources)
        self.hooks = Hooks()
        self.failed: BaseException | None = None
        self._crash: asyncio.Future[None] | None = None
        self._turn = asyncio.Lock()
        self._tasks: deque[asyncio.Task[None]] = deque()
        self._applied: dict[TP, int] = {}

    # --- around a body

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
        except BaseException:
            self._turn.release()
            raise
        if batch is None:
            self._turn.release()
        return batch

    def _is_current(self, generation: int) -> bool:
        return self._app.flow_control.is_active() and generation == self._app.consumer_generation_id

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
            self._applied[tp] = max((table.mark(tp) for table in self.tables), default=-1)
        return self._applied[tp]

    async def leave(self, batch: Batch, error: BaseException | None) -> None:
        """The body ended. What it wrote and sent goes on its way; if it raised, nothing more does."""
        try:
            if error is None:
                batch.close()
                self.progress.begin(batch.tp, batch.end)
                await self._submit(batch)
        except BaseException as problem:
            self.poison(problem)
            raise
        finally:
            self._turn.release()
        if error is not None:
            self.poison(error)

    # --- the stations

    async def _submit(self, batch: Batch) -> None:
        before = self._tasks[-1] if self._tasks else None
        if self._reversed:
            step = self._reversed_step(batch, before)
        else:
            self._failpoints.hit("before-outputs")
            step = self._step(batch, await batch.outbox.dispatch(), before)
        self._tasks.append(asyncio.create_task(self._guard(step)))
        while self._tasks and (len(self._tasks) > self._max_inflight or self._tasks[0].done()):
            await self._tasks[0]
            self._tasks.popleft()

    async def _guard(self, step: Any) -> None:
        try:
            await step
        except BaseException as error:
            self.poison(error)
            if not isinstance(error, Exception):
                raise

    async def _step(
        self, batch: Batch, sent: "list[asyncio.Future[Any]]", before: "asyncio.Task[None] | None"
    ) -> None:
        for acknowledged in sent:
            await acknowledged
        self._failpoints.hit("after-outputs")
        await self._record(batch, before)

    async def _reversed_step(self, batch: Batch, before: "asyncio.Task[None] | None") -> None:
        await self._record(batch, before)
        await self._app.consumer.commit()
        self._failpoints.hit("before-outputs")
        await batch.outbox.send()
        self._failpoints.hit("after-outputs")

    async def _record(self, batch: Batch, before: "asyncio.Task[None] | None") -> None:
        if before is not None:
            await before
        if self.failed is not None:
            raise Poisoned("a batch before this one failed")
        if batch.generation != self._app.consumer_generation_id:
            raise LaneError(f"{batch.tp} was taken away before its batch was done")
        if batch.table is not None:
            await self._write(batch, batch.table)
        self.progress.finish(batch.tp, batch.end)
        self.hooks.batch_done(batch)
        self._failpoints.hit("after-done")

    async def _write(self, batch: Batch, table: "LaneTable[Any]") -> None:
        rows = {**batch.rows, mark_key(batch.tp.topic): encode_mark(batch.end - 1)}
        offset = await self._changelog(table.changelog_topic_name, batch.tp.partition, rows)
        self._failpoints.hit("after-changelog")
        table.settle(batch, rows, offset)
        self._applied[batch.tp] = batch.end - 1
        self._failpoints.hit("after-store")

    async def _changelog(self, topic: str, partition: int, rows: Mapping[bytes, bytes | None]) -> int | None:
        """Append the rows as one record batch, so whole or not at all; the last offset, None if not told."""
        builder, now_ms = self.producer.create_batch(), self._now_ms()
        for key, value in rows.items():
            if builder.append(timestamp=now_ms, key=key, value=value, headers=[]) is None:
                raise LaneError(f"{topic}: the rows of a batch do not fit into one record batch")
        builder.close()
        sent = await (await self.producer.send_batch(builder, topic, partition=partition))
        # a retry that the broker knew already is acknowledged without an offset
        return sent.offset + len(rows) - 1 if sent.offset >= 0 else None

    # --- what it works with

    @property
    def producer(self) -> AIOKafkaProducer:
        """The worker's idempotent producer."""
        return cast(LaneProducer, self._app.producer).client

    def outbox(self) -> Outbox:
        """An empty outbox for records stamped now."""
        return Outbox(self.producer, self.outputs, self.max_batch_bytes, self._now_ms())

    @staticmethod
    def _now_ms() -> int:
        return int(time.time() * 1000)

    # --- life

    async def prepare(self) -> None:
        """Learn the partition counts of the outputs. Raises ``LaneError`` if a topic is missing."""
        for topic, count in self.outputs.items():
            if not count:
                self.outputs[topic] = len(await self.producer.partitions_for(topic))

    def poison(self, error: BaseException) -> None:
        """From now on nothing is processed, sent or committed, and the worker goes down with status 1."""
        if self.failed is None:
            self.failed = error
            self._crash = asyncio.ensure_future(self._app.crash(error))

    async def drain(self) -> None:
        """Wait for the body and the batches under way; poisons the lane if they take too long."""
        try:
            async with asyncio.timeout(self._drain_timeout_s), self._turn:
                if self._tasks:
                    await asyncio.wait(self._tasks)
        except TimeoutError:
            self.poison(LaneError(f"batches were not done within {self._drain_timeout_s} s"))

    def forget(self, tps: "frozenset[TP]") -> None:
        """The partitions were revoked: drop their progress, marks and held-back writes."""
        self.progress.forget(tps)
        for tp in tps:
            self._applied.pop(tp, None)
        for table in self.tables:
            table.forget({tp.partition for tp in tps})
