"""Time as an event: ticks for what is due, published to the partition it belongs to."""

import asyncio
import time
from asyncio import Future
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from aiokafka.errors import KafkaError
from faust.types import TP

from rules.policy import Policy
from runtime.routing import route
from schemas.topics import TEXTS_DUE
from streams.barrier import Barrier
from streams.due_index import DueIndex
from streams.lane import Batch, LaneApp, LaneError, LaneTable
from streams.ticks import TIMES_OF, Ticks

log = structlog.get_logger()
TICKS_AT_ONCE = 500
GATHER_S = 0.05
"""From one round of ticks to the next: what comes due meanwhile shares batches all the way."""
LOOP_HELD_S = 0.005
"""Reading rows goes on for so long before others have their turn."""
NOT_READY_NAP_S = 0.2
LONGEST_NAP_S = 10.0
"""Then the clock is read again, which may have been set."""


class Clock:
    """Keeps the ticks of each partition this worker holds, and sends them once the barrier is open."""

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
        self._ticks: dict[int, Ticks] = {}
        self._whole: set[int] = set()  # partitions all of whose rows were read
        self._ticked_to: dict[int, int] = {}
        self._done_to: dict[int, int] = {}
        self._wake = asyncio.Event()

    async def rebuild(self, tables: dict[str, LaneTable[Any]], partitions: set[int]) -> None:
        """Read anew when to look at which row, in the partitions this worker holds.

        Batches may go on meanwhile. A partition is ticked as soon as all of its own rows are read.
        """
        self.forget()
        self._ticks = {partition: self._ticks_of(partition, tables) for partition in partitions}
        until = time.monotonic() + LOOP_HELD_S
        for partition, ticks in self._ticks.items():
            for name, decode in TIMES_OF.items():
                for key, row in tables[name].items_of(partition, decode):
                    ticks.load(name, key, row)
                    if time.monotonic() > until:
                        await asyncio.sleep(0)
                        until = time.monotonic() + LOOP_HELD_S
            self._whole.add(partition)
            self._wake.set()

    def _ticks_of(self, partition: int, tables: dict[str, LaneTable[Any]]) -> Ticks:
        def read(table: str, key: str) -> Any:
            return tables[table].row_of(partition, key)

        return Ticks(DueIndex(*self._retry), read, self._policy)

    def forget(self) -> None:
        """Partitions left: nothing is ticked before the next rebuild."""
        self._ticks, self._whole = {}, set()
        self._ticked_to, self._done_to = {}, {}

    def batch_done(self, batch: Batch) -> None:
        """Follow the rows that a batch changed."""
        partition = batch.tp.partition
        if batch.tp.topic == TEXTS_DUE.name:
            self._done_to[partition] = batch.end
        ticks = self._ticks.get(partition)
        if ticks is not None and batch.table is not None:
            for key, row in batch.changes.items():
                ticks.changed(batch.table.name, key, row)
        self._wake.set()

    def wake(self) -> None:
        """Something else changed: look what is due."""
        self._wake.set()

    async def run(self) -> None:
        """Tick for ever. An error of the broker is tried again: a tick repeated changes nothing."""
        while True:
            self._wake.clear()
            sent, next_at = 0, time.monotonic() + GATHER_S
            if self._app.ready and self._barrier.is_open:
                try:
                    sent = await self._tick()
                except (KafkaError, LaneError) as error:
                    log.warning("tick_failed", error=type(error).__name__)
                    await asyncio.sleep(1)
            if sent:
                await asyncio.sleep(next_at - time.monotonic())
            else:
                await self._nap()

    async def _tick(self) -> int:
        outbox, held = self._app.outbox(), self._ticks
        taken, ours = 0, Counter[int]()
        for partition, ticks in list(held.items()):
            await asyncio.sleep(0)  # a burst is due in every partition at once
            room = self._room(partition)
            if self._ticks.get(partition) is not ticks or not room:
                continue  # gone meanwhile, or enough is on its way: no use in more
            for message in ticks.take(self._now(), room):
                record = route(message, self._policy.partitions)
                outbox.add(record.topic, key=record.key, value=record.value, partition=partition)
                taken += 1
                ours[partition] += record.topic == TEXTS_DUE.name
        reached = await _reached(await outbox.dispatch(), ours)
        if self._ticks is held:  # else the partitions left meanwhile: what they do is counted anew
            for partition, last in reached.items():
                self._ticked_to[partition] = max(last, self._ticked_to.get(partition, -1))
        return taken

    def _room(self, partition: int) -> int:
        """How many more ticks may be on their way in a partition; what others wrote there counts as well."""
        if partition not in self._whole:
            return 0
        under_way = self._ticked_to.get(partition, -1) + 1 - self._done_to.get(partition, 0)
        return max(TICKS_AT_ONCE - max(under_way, 0), 0)

    async def _nap(self) -> None:
        """Until the next tick is due or something changes: a row, the barrier, a batch done."""
        try:
            async with asyncio.timeout(self._nap_s()):
                await self._wake.wait()
        except TimeoutError:
            return

    def _nap_s(self) -> float:
        if not self._barrier.is_open:
            return LONGEST_NAP_S
        if not self._app.ready:
            return NOT_READY_NAP_S
        due = [at for n, ticks in self._ticks.items() if self._room(n) and (at := ticks.next_at())]
        if not due:
            return LONGEST_NAP_S
        return min(max((min(due) - self._now()).total_seconds(), 0.001), LONGEST_NAP_S)

    def pending(self) -> int:
        """How many rows want to be looked at."""
        return sum(len(ticks) for ticks in list(self._ticks.values()))

    def due_now(self) -> int:
        """How many of them want it now, or wanted it before."""
        now = self._now()
        return sum(ticks.due(now) for ticks in list(self._ticks.values()))

    def overdue_s(self) -> float:
        """How long ago the oldest of them wanted it."""
        due = [at for ticks in list(self._ticks.values()) if (at := ticks.next_at()) is not None]
        return max((self._now() - min(due)).total_seconds(), 0.0) if due else 0.0


async def _reached(dispatched: list[Future[Any]], sent: Counter[int]) -> dict[int, int]:
    """Once ticks are in the log: how far they reach in each partition. An answer names its batch's first."""
    first: dict[int, int] = {}
    for acknowledged in dispatched:
        at = await acknowledged
        if at.topic == TEXTS_DUE.name and at.offset >= 0:  # -1: written by a try before, nobody says where
            first.setdefault(at.partition, at.offset)
    return {partition: offset + sent[partition] - 1 for partition, offset in first.items()}


def partitions_of(tps: frozenset[TP], topic: str) -> set[int]:
    """The partitions of one topic among those assigned."""
    return {tp.partition for tp in tps if tp.topic == topic}
