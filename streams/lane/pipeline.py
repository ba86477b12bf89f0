"""The order of a step: outputs acknowledged, changelog acknowledged, local store, done (may be committed).

Batches of one partition pass these stations in the order of their bodies, those of different partitions side
by side; up to ``max_inflight`` are under way at once.
"""

import asyncio
from collections.abc import Coroutine, Mapping
from typing import TYPE_CHECKING, Any

from faust.types import TP

from streams.lane.batch import Batch
from streams.lane.errors import LaneError, Poisoned
from streams.lane.failpoints import Failpoints, is_reversed
from streams.lane.marks import Mark, encode_mark, mark_key

if TYPE_CHECKING:
    from streams.lane.lane import Lane
    from streams.lane.table import LaneTable

Under = asyncio.Task[None]


class Pipeline:
    """Takes batches whose body has ended through the stations."""

    def __init__(self, lane: "Lane", max_inflight: int, env: Mapping[str, str]) -> None:
        self._lane = lane
        self._max_inflight = max_inflight
        self._failpoints = Failpoints.from_env(env)
        self._reversed = is_reversed(env)
        self._under_way: set[Under] = set()
        self._last: dict[int, Under] = {}  # partition to its newest batch

    async def submit(self, batch: Batch) -> None:
        """Hand over the outputs; the rest goes on beside. Returns when there is room for another batch."""
        await self._lane.confirm(batch.generation)
        before = self._last.get(batch.tp.partition)
        if self._reversed:
            step = self._reversed_step(batch, before)
        else:
            self._failpoints.hit("before-outputs")
            step = self._step(batch, await batch.outbox.dispatch(), before)
        task = self._last[batch.tp.partition] = asyncio.create_task(self._guard(batch, step))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        while len(self._under_way) >= self._max_inflight:
            await asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED)

    async def drain(self) -> None:
        """Wait until nothing is under way."""
        if self._under_way:
            await asyncio.wait(self._under_way)

    async def _guard(self, batch: Batch, step: Coroutine[Any, Any, None]) -> None:
        try:
            await step
        except BaseException as error:
            self._lane.poison(error)
            if not isinstance(error, Exception):
                raise
        finally:
            self._lane.settled(batch)

    async def _step(self, batch: Batch, sent: "list[asyncio.Future[Any]]", before: Under | None) -> None:
        for acknowledged in sent:
            await acknowledged
        self._failpoints.hit("after-outputs")
        await self._record(batch, before)

    async def _reversed_step(self, batch: Batch, before: Under | None) -> None:
        await self._record(batch, before)
        await self._lane.app.consumer.commit()
        self._failpoints.hit("before-outputs")
        await batch.outbox.send()
        self._failpoints.hit("after-outputs")

    async def _record(self, batch: Batch, before: Under | None) -> None:
        if before is not None:
            await before
        if self._lane.failed is not None:
            raise Poisoned("something failed before this batch")
        if batch.generation != self._lane.app.consumer_generation_id:
            raise LaneError(f"{batch.tp} was taken away before its batch was done")
        if batch.table is not None:
            await self._write(batch, batch.table)
        self._lane.progress.finish(batch.tp, batch.end)
        self._lane.hooks.batch_done(batch)
        self._failpoints.hit("after-done")

    async def _write(self, batch: Batch, table: "LaneTable[Any]") -> None:
        mark = Mark(batch.end - 1, batch.seen, batch.seen_ms)
        rows = {**batch.rows, mark_key(batch.tp.topic): encode_mark(mark)}
        await self._lane.confirm(batch.generation)
        self._failpoints.hit("before-changelog")
        changelog = TP(table.changelog_topic_name, batch.tp.partition)
        offset = await self._lane.ownership.write(changelog, rows, batch.generation, batch.at_ms)
        self._failpoints.hit("after-changelog")
        table.settle(batch, rows, offset)
        self._lane.apply(batch.tp, batch.end - 1)
        self._failpoints.hit("after-store")
