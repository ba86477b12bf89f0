"""The order of a step: outputs acknowledged, changelog acknowledged, local store, done (may be committed).

Batches of one partition pass these stations in the order of their bodies, those of different partitions side
by side; up to ``max_inflight`` are under way at once.
"""

import asyncio
from collections.abc import Coroutine, Mapping
from typing import TYPE_CHECKING, Any

from streams.lane.batch import Batch
from streams.lane.errors import LaneError, Poisoned
from streams.lane.failpoints import Failpoints, is_reversed
from streams.lane.marks import encode_mark, mark_key

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
        before = self._last.get(batch.tp.partition)
        if self._reversed:
            step = self._reversed_step(batch, before)
        else:
            self._failpoints.hit("before-outputs")
            step = self._step(batch, await batch.outbox.dispatch(), before)
        task = self._last[batch.tp.partition] = asyncio.create_task(self._guard(step))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        while len(self._under_way) >= self._max_inflight:
            await asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED)

    async def drain(self) -> None:
        """Wait until nothing is under way."""
        if self._under_way:
            await asyncio.wait(self._under_way)

    async def _guard(self, step: Coroutine[Any, Any, None]) -> None:
        try:
            await step
        except BaseException as error:
            self._lane.poison(error)
            if not isinstance(error, Exception):
                raise

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
        rows = {**batch.rows, mark_key(batch.tp.topic): encode_mark(batch.end - 1)}
        offset = await self._changelog(table.changelog_topic_name, batch, rows)
        self._failpoints.hit("after-changelog")
        table.settle(batch, rows, offset)
        self._lane.apply(batch.tp, batch.end - 1)
        self._failpoints.hit("after-store")

    async def _changelog(self, topic: str, batch: Batch, rows: Mapping[bytes, bytes | None]) -> int | None:
        """Append the rows as one record batch, so whole or not at all; the last offset, None if not told."""
        producer = self._lane.producer
        builder = producer.create_batch()
        for key, value in rows.items():
            if builder.append(timestamp=batch.at_ms, key=key, value=value, headers=[]) is None:
                raise LaneError(f"{topic}: the rows of a batch do not fit into one record batch")
        builder.close()
        sent = await (await producer.send_batch(builder, topic, partition=batch.tp.partition))
        # a retry that the broker knew already is acknowledged without an offset
        return sent.offset + len(rows) - 1 if sent.offset >= 0 else None
