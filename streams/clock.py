"""Time as an event: ticks for what is due, published to the partition it belongs to."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from aiokafka.errors import KafkaError
from faust.types import TP

from rules.due import due_of_phone, due_of_stops
from rules.policy import Policy
from runtime.routing import route
from schemas.topics import TEXTS_DUE
from streams.barrier import Barrier
from streams.due_index import Due, DueIndex
from streams.lane import Batch, LaneApp, LaneError, LaneTable

log = structlog.get_logger()
TICKS_AT_ONCE = 500
LONGEST_NAP_S = 0.5


class Clock:
    """Keeps a due index for each partition this worker holds, and ticks once the barrier is open."""

    def __init__(
        self,
        app: LaneApp,
        policy: Policy,
        barrier: Barrier,
        *,
        now: Callable[[], datetime],
        retry_s: float,
        retry_max_s: float,
    ) -> None:
        self._app, self._policy, self._barrier, self._now = app, policy, barrier, now
        self._retry = timedelta(seconds=retry_s), timedelta(seconds=retry_max_s)
        self._indexes: dict[int, DueIndex] = {}
        self._ticked_to: dict[int, int] = {}
        self._done_to: dict[int, int] = {}
        self._wake = asyncio.Event()
        self._sources: dict[str, Callable[[str, Any], list[Due]]] = {
            "bookings": lambda key, row: list(due_of_phone(key, row, policy)),
            "opt_outs": lambda key, row: list(due_of_stops(key, row, policy)),
        }

    async def rebuild(self, tables: dict[str, LaneTable[Any]], partitions: set[int]) -> None:
        """Read the index anew from the rows of the partitions this worker holds."""
        self._indexes = {partition: DueIndex(*self._retry) for partition in partitions}
        self._ticked_to, self._done_to = {}, {}
        for partition in partitions:
            for name, due in self._sources.items():
                for n, (key, row) in enumerate(tables[name].items_of(partition)):
                    self._indexes[partition].put(name, key, due(key, row))
                    if n % 200 == 0:
                        await asyncio.sleep(0)

    def forget(self) -> None:
        """Partitions left: nothing is ticked before the next rebuild."""
        self._indexes = {}

    def batch_done(self, batch: Batch) -> None:
        """Follow the rows that a batch changed."""
        partition = batch.tp.partition
        if batch.tp.topic == TEXTS_DUE.name:
            self._done_to[partition] = batch.end
        index = self._indexes.get(partition)
        due = self._sources.get(batch.table.name) if batch.table is not None else None
        if index is None or due is None or batch.table is None:
            return
        for key, row in batch.changes.items():
            index.put(batch.table.name, key, [] if row is None else due(key, row))
        self._wake.set()

    async def run(self) -> None:
        """Tick for ever. An error of the broker is tried again: a tick repeated changes nothing."""
        while True:
            sent = 0
            if self._app.ready and self._barrier.is_open:
                try:
                    sent = await self._tick()
                except (KafkaError, LaneError) as error:
                    log.warning("tick_failed", error=type(error).__name__)
                    await asyncio.sleep(1)
            if not sent:
                await self._nap()

    async def _tick(self) -> int:
        outbox = self._app.outbox()
        taken = 0
        for partition, index in list(self._indexes.items()):
            if self._ticked_to.get(partition, -1) >= self._done_to.get(partition, 0):
                continue  # the ticks before are not all handled: no use in more
            for message in index.take(self._now(), TICKS_AT_ONCE):
                record = route(message, self._policy.partitions)
                outbox.add(record.topic, key=record.key, value=record.value, partition=partition)
                taken += 1
        for acknowledged in await outbox.dispatch():
            at = await acknowledged
            if at.topic == TEXTS_DUE.name:
                self._ticked_to[at.partition] = max(at.offset, self._ticked_to.get(at.partition, -1))
        return taken

    async def _nap(self) -> None:
        """Until the next tick is due or a row changes, half a second at most."""
        due = [at for index in self._indexes.values() if (at := index.next_at()) is not None]
        wait_s = LONGEST_NAP_S
        if due and self._barrier.is_open:
            wait_s = min(max((min(due) - self._now()).total_seconds(), 0.001), LONGEST_NAP_S)
        self._wake.clear()
        try:
            async with asyncio.timeout(wait_s):
                await self._wake.wait()
        except TimeoutError:
            return

    def pending(self) -> int:
        """How many ticks are in the index."""
        return sum(len(index) for index in self._indexes.values())

    def overdue_s(self) -> float:
        """The age of the oldest tick that is due."""
        due = [at for index in self._indexes.values() if (at := index.next_at()) is not None]
        return max((self._now() - min(due)).total_seconds(), 0.0) if due else 0.0


def partitions_of(tps: frozenset[TP], topic: str) -> set[int]:
    """The partitions of one topic among those assigned."""
    return {tp.partition for tp in tps if tp.topic == topic}
