"""The loops of a sender. What can fail for a while is tried again; all else ends the process."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime
from typing import Any

import structlog

from runtime.config import Config
from runtime.failpoints import passing
from runtime.tasks import end_all
from schemas.journal import JournalRecord
from sender.backpressure import Backpressure
from sender.claims import Claims
from sender.gate import AWAY
from sender.hearing import Hearing
from sender.journal import UNCLEAR, Journal
from sender.losses import Losses
from sender.partition import Partition
from sender.partitions import Partitions
from sender.pending import PartitionGone
from sender.pump import Pump
from sender.reading import read
from sender.reconcile import Reconciler
from sender.starts import Starts
from sender.telling import Projection, tell_gate
from sender.warm import Warmth

log = structlog.get_logger()
FOR_A_WHILE = (*UNCLEAR, *AWAY, PartitionGone)
PAUSE_S = 0.02
AT_ONCE = 500


class Settling:
    """Ends without a try, open tries, STARTs to confirm, offsets."""

    def __init__(
        self,
        *,
        reconciler: Reconciler,
        losses: Losses,
        starts: Starts,
        partitions: Partitions,
        pump: Pump,
        journal: Journal,
        now: Callable[[], datetime],
    ) -> None:
        self._reconciler, self._losses, self._starts = reconciler, losses, starts
        self._partitions = partitions
        self._pump, self._journal, self._now = pump, journal, now

    def _read(self) -> list[Partition]:
        return [partition for partition in self._partitions.held.values() if partition.is_read()]

    async def reconcile(self) -> None:
        """Open tries that settle by what is known, or by time; then those that were accepted and lost."""
        await self._reconciler.sweep(self._read(), self._pump.running)
        await self._losses.sweep(self._read())

    async def look(self) -> None:
        """Open tries and STARTs that the carrier's list may show."""
        await self._reconciler.look(self._read(), self._pump.running)
        await self._starts.confirm(self._read())

    async def expire(self) -> None:
        """Look at every text that waits: its time may be over."""
        for partition in self._read():
            now = self._now()
            late = (p.delivery.text.text_id for p in partition.all_pending() if p.delivery.not_after <= now)
            partition.touched |= dict.fromkeys(late)

    async def end(self) -> None:
        """Write down the ends of texts that were touched and need no try."""
        for partition in self._read():
            touched, partition.touched = list(partition.touched), {}
            for first in range(0, len(touched), AT_ONCE):
                await self._end(partition, touched[first : first + AT_ONCE])

    async def _end(self, partition: Partition, touched: list[str]) -> None:
        ends: list[JournalRecord] = []
        for text_id in touched:
            partition.settle(text_id)
            del partition.touched[text_id]
            record = None if text_id in self._pump.running else partition.next_end(text_id, self._now())
            if record is not None:
                ends.append(record)
        if ends:
            try:
                await partition.read_past(await self._journal.append(*ends))
            except UNCLEAR:
                partition.touched |= dict.fromkeys(touched)
                raise

    async def commit(self) -> None:
        """Offsets up to what has ended."""
        passing("C9")
        await self._partitions.commit()


class Loops:
    """All that goes on in a sender."""

    def __init__(
        self,
        config: Config,
        *,
        partitions: Partitions,
        hearing: Hearing,
        pump: Pump,
        projection: Projection,
        settling: Settling,
        warmth: Warmth,
        claims: Claims,
        backpressure: Backpressure,
    ) -> None:
        self._config, self._partitions, self._hearing, self._pump = config, partitions, hearing, pump
        self._projection, self._settling, self._warmth = projection, settling, warmth
        self._claims, self._backpressure = claims, backpressure

    async def run(self, stop: asyncio.Event) -> None:
        """Until ``stop`` is set; raises what ended a loop."""
        tasks = [asyncio.create_task(loop) for loop in (stop.wait(), *self._all())]
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if stop.is_set():
            await self._pump.leave()
            await self._quietly(self._settling.commit)
        await end_all(tasks)
        for task in done:
            task.result()

    def _all(self) -> list[Coroutine[Any, Any, Any]]:
        inputs, hearing, config = self._partitions, self._hearing, self._config
        return [
            read(inputs, inputs.deliveries, hearing.deliveries),
            read(inputs, inputs.beside, hearing.beside),
            read(inputs, inputs.reports, hearing.reports, commit=True),
            self._pump.run(),
            self._every(PAUSE_S, self._settling.end),
            self._every(PAUSE_S, self._projection.tell),
            self._every(PAUSE_S, lambda: tell_gate(self._claims, list(inputs.held.values()))),
            self._every(PAUSE_S, self._backpressure.check),
            self._every(config.sweep_s, self._pump.sweep),
            self._every(config.sweep_s, self._settling.reconcile),
            self._every(config.sweep_s, self._settling.look),
            self._every(config.sweep_s, self._settling.expire),
            self._every(config.commit_interval_s, self._settling.commit),
            self._every(config.sweep_s, self._warmth.check),
        ]

    async def _every(self, seconds: float, work: Callable[[], Awaitable[Any]]) -> None:
        while True:
            await self._quietly(work)
            await asyncio.sleep(seconds)

    async def _quietly(self, work: Callable[[], Awaitable[Any]]) -> None:
        try:
            await work()
        except FOR_A_WHILE as error:
            log.warning("put_off", name=getattr(work, "__qualname__", ""), error=type(error).__name__)
            await asyncio.sleep(self._config.sweep_s)
