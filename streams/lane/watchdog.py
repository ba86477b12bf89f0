"""A watch from beside the event loop: a worker whose batch hangs, or that cannot end itself, is ended."""

import logging
import os
import threading
import time
from collections.abc import Callable

log = logging.getLogger(__name__)
_CHECKS = 20  # within the limit


class Watchdog:
    """A thread of its own, as what it watches for may be a loop that is stuck.

    ``oldest_at``: monotonic time since which the oldest batch is under way, None if there is none.
    ``give_up`` is called, in the thread, once that is longer ago than ``limit_s``; if the process is still
    there half as long after, it is ended on the spot: what was not done is done again by who takes over. So
    it is ``grace_s`` after it ``has_failed``: stopping in order may hang on the same thing that failed.
    """

    def __init__(
        self, oldest_at: Callable[[], float | None], *, limit_s: float, give_up: Callable[[float], object],
        has_failed: Callable[[], bool], grace_s: float, end: Callable[[int], object] = os._exit,
    ) -> None:  # fmt: skip
        self._has_failed, self._grace_s = has_failed, grace_s
        self._failed_at: float | None = None
        self._oldest_at, self._limit_s, self._give_up, self._end = oldest_at, limit_s, give_up, end
        self._stopped = threading.Event()

    def start(self) -> None:
        """Begin to watch."""
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()

    def stop(self) -> None:
        """No more watching."""
        self._stopped.set()

    def _watch(self) -> None:
        given_up = False
        while not self._stopped.wait(min(self._limit_s, self._grace_s) / _CHECKS):
            if self._hangs_in_stopping():
                log.error("failed %.0f s ago and still here: ending", self._grace_s)
                self._end(1)
                return
            age_s = self._age_s()
            if age_s > self._limit_s and not given_up:
                given_up = True
                log.error("a batch is under way since %.0f s: giving up", age_s)
                self._give_up(age_s)
            elif age_s > 1.5 * self._limit_s:
                self._end(1)
                return

    def _hangs_in_stopping(self) -> bool:
        if self._failed_at is None and self._has_failed():
            self._failed_at = time.monotonic()
        return self._failed_at is not None and time.monotonic() - self._failed_at > self._grace_s

    def _age_s(self) -> float:
        try:
            oldest_at = self._oldest_at()
        except RuntimeError:  # batches came and went while we looked: nothing is stuck
            return 0.0
        return 0.0 if oldest_at is None else time.monotonic() - oldest_at
