"""The barrier after an assignment: no text goes before all that was published in an outage has been read.

Otherwise a reminder would be released before the cancellation that came while nobody listened.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Protocol

import structlog
from aiokafka.errors import KafkaError

from runtime.progress import Place
from streams.metrics import RECOVERY

log = structlog.get_logger()
POLL_S = 0.2


class Progress(Protocol):
    """How far topics reach, and how far the worker group has committed."""

    async def ends(self, topics: Iterable[str]) -> dict[Place, int]:
        """The end of each partition of the topics: the offset of the next record to come."""

    async def behind(self, ends: dict[Place, int]) -> set[Place]:
        """The partitions whose commits have not reached these ends."""


class Barrier:
    """Closed at each assignment; opens when every stage's inputs are committed past."""

    def __init__(
        self,
        progress: Progress,
        stages: tuple[tuple[str, ...], ...],
        *,
        alert_s: float,
        on_error: Callable[[BaseException], None],
        on_open: Callable[[], None] = lambda: None,
    ) -> None:
        """``on_error``: told of what should never happen: a dead barrier would stay closed in silence."""
        self._on_open = on_open
        self._progress, self._stages, self._alert_s, self._on_error = progress, stages, alert_s, on_error
        self._task: asyncio.Task[None] | None = None
        self.is_open = False

    def close(self) -> None:
        """Partitions came or went: start anew."""
        self.is_open = False
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def watch(self) -> None:
        """Begin to wait for the inputs, in the background."""
        self.close()
        self._task = asyncio.create_task(self._open_when_read(), name="barrier")
        self._task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._on_error(error)

    async def _open_when_read(self) -> None:
        began = asyncio.get_running_loop().time()
        for stage in self._stages:
            await self._pass(stage)
        self.is_open = True
        self._on_open()
        RECOVERY.set(asyncio.get_running_loop().time() - began)
        log.info("barrier_open")

    async def _pass(self, stage: tuple[str, ...]) -> None:
        """Wait for one stage; an error of the broker is tried again, for ever: waiting is the safe side."""
        ends: dict[Place, int] = {}
        waited_s = 0.0
        while True:
            try:
                ends = ends or await self._progress.ends(stage)
                behind = await self._progress.behind(ends)
            except (KafkaError, TimeoutError) as error:
                log.warning("barrier_unclear", error=type(error).__name__)
                behind = {("", 0)}
            if not behind:
                return
            await asyncio.sleep(POLL_S)
            waited_s += POLL_S
            if waited_s >= self._alert_s:
                log.error("barrier_closed", topics=sorted({topic for topic, _ in behind}))
                waited_s = 0.0
