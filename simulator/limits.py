"""What a carrier holds back: requests over a limit, messages over a number's rate, sends without credit."""

from __future__ import annotations

from collections import deque

REFUSED_WITHOUT_CREDIT_S = 120.0


class Window:
    """At most `limit` requests in any `window_s` seconds; limit 0 allows all."""

    def __init__(self, limit: int, window_s: float) -> None:
        self._limit, self._window_s = limit, window_s
        self._taken: deque[float] = deque()

    def take(self, now_s: float) -> bool:
        """Whether one more request is allowed now."""
        if not self._limit:
            return True
        while self._taken and now_s - self._taken[0] >= self._window_s:
            self._taken.popleft()
        if len(self._taken) >= self._limit:
            return False
        self._taken.append(now_s)
        return True


class SourceQueues:
    """One queue for each source number, first in first out at `mps` messages a second; 0: no queue."""

    def __init__(self, mps: float) -> None:
        self._gap_s = 1 / mps if mps else 0.0
        self._free_at: dict[str, float] = {}

    def wait_s(self, source: str, expiry_s: float, now_s: float) -> float | None:
        """Seconds until a message given in now is dispatched; None if it expires first and takes no turn."""
        at = max(now_s, self._free_at.get(source, now_s))
        if at - now_s > expiry_s:
            return None
        self._free_at[source] = at + self._gap_s
        return at - now_s


class Credit:
    """Messages paid for; the one that finds none left fails with 900, then two minutes of refusals."""

    def __init__(self, speedup: float = 1.0) -> None:
        self._refused_s = REFUSED_WITHOUT_CREDIT_S / speedup
        self._refused_until_s = 0.0
        self.left: int | None = None
        self.refusal_status = 402

    def refuses(self, now_s: float) -> bool:
        """Whether a request is refused outright now."""
        return now_s < self._refused_until_s

    def spend(self, now_s: float) -> bool:
        """Pay for one message; False if there was nothing to pay with."""
        if self.left is None:
            return True
        if self.left > 0:
            self.left -= 1
            return True
        self._refused_until_s = now_s + self._refused_s
        return False

    def top_up(self, messages: int | None, refusal_status: int = 402) -> None:
        """Set what is left (None: without end) and the status refusals have; ends a refusal period."""
        self.left, self.refusal_status, self._refused_until_s = messages, refusal_status, 0.0
