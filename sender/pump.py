"""Which text goes next: the earliest deadline of all partitions, when a token of the rate is near."""

import asyncio
from collections.abc import Callable

from runtime.config import Config
from sender.backlog import Backlog
from sender.claims import Claims
from sender.clocks import boottime, utc_now
from sender.gate import Gate
from sender.pacing import Pacer
from sender.partition import Partition
from sender.pending import Pending
from sender.send import Sends

IDLE_S = 0.02
CLAIMS_AHEAD = 2
"""So many texts for each posting thread may be under way: some wait for their token or for Kafka."""


class Pump:
    """Starts sends, and knows what runs."""

    def __init__(
        self, config: Config, *, backlog: Backlog, sends: Sends, pacer: Pacer, gate: Gate, claims: Claims
    ) -> None:
        self._config, self._backlog, self._sends, self._pacer = config, backlog, sends, pacer
        self._gate, self._claims = gate, claims
        self.running: dict[str, asyncio.Task[None]] = {}
        self.may_send: Callable[[Partition], bool] = lambda _: False
        """Whether a partition is read, told to Redis and rebuilt there."""
        self._paused: frozenset[str] = frozenset()
        self._leaving = 0

    async def leave(self) -> None:
        """Start nothing, let running sends come to their end for a while, and forget what waits.

        What waits is read again by whoever gets the partitions.
        """
        self._leaving += 1
        try:
            if self.running:
                await asyncio.wait(self.running.values(), timeout=self._config.revoke_wait_s)
            self._backlog.clear()
        finally:
            self._leaving -= 1

    async def run(self) -> None:
        """For ever: start what may be sent."""
        while True:
            if not self._start_next():
                await asyncio.sleep(IDLE_S)

    async def sweep(self) -> None:
        """What waited may be looked at again. Raises what Redis raises."""
        self._backlog.sweep()
        self._paused = await self._claims.paused()
        await self._gate.announce()
        await self._sends.over.free_again()

    def _start_next(self) -> bool:
        now = boottime()
        full = len(self.running) >= CLAIMS_AHEAD * self._config.post_threads
        if full or self._leaving or self._sends.refused or not self._pacer.is_near(now):
            return False
        pending = self._next()
        if pending is None:
            return False
        self._start(pending)
        return True

    def _next(self) -> Pending | None:
        """The first text that may go; those before it are parked until the next sweep."""
        now = utc_now()
        while (pending := self._backlog.pop()) is not None:
            partition = pending.partition
            if self.may_send(partition) and not self._is_paused(pending):
                name, outlook = pending.delivery.text.text_id, partition.outlook(pending, now)
                if outlook == "go" and name not in self.running:
                    return pending
                if outlook == "end":
                    partition.touched[name] = None
            self._backlog.park(pending)
        return None

    def _is_paused(self, pending: Pending) -> bool:
        delivery = pending.delivery
        scopes = ("all", delivery.text.workspace_id)
        return delivery.reply_token is None and any(scope in self._paused for scope in scopes)

    def _start(self, pending: Pending) -> None:
        name = pending.delivery.text.text_id
        pending.running = True
        task = self.running[name] = asyncio.create_task(self._sends.send(pending))

        def over(_: asyncio.Task[None]) -> None:
            pending.running = False
            del self.running[name]
            pending.partition.touched[name] = None
            self._backlog.park(pending)

        task.add_done_callback(over)
