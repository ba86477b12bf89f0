"""How soon a token may be had, by this sender's own memory: a claim is made only when one is near."""

from dataclasses import dataclass


@dataclass
class Pacer:
    """Theoretical arrival times of the account's and the number's rate; segments count. Times in seconds."""

    account_per_s: float
    number_per_s: float
    _free_at: float = 0.0
    _paused_until: float = 0.0

    def wait_s(self, now: float) -> float:
        """Until a token is expected."""
        return max(self._free_at, self._paused_until, now) - now

    def took(self, segments: int, now: float) -> None:
        """A text was tried."""
        rate = min(self.account_per_s, self.number_per_s)
        self._free_at = max(self._free_at, now) + max(segments, 1) / rate

    def pause(self, seconds: float, now: float) -> None:
        """The account can't send for a while."""
        self._paused_until = max(self._paused_until, now + seconds)
