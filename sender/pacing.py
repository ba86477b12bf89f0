"""When the next token of the carrier's rates may be had, by this sender's own memory of the gate's answers.

A claim is made only when a token is near, so that it does not wait long; the gate decides. Times are seconds
of one monotonic clock.
"""

from dataclasses import dataclass


@dataclass
class Pacer:
    """The account's and the number's rate, whichever is slower; segments count."""

    account_per_s: float
    number_per_s: float
    ahead_s: float
    """A claim is made when a token is expected within this."""
    _free_at: float = 0.0
    _claimed: int = 0
    """Segments of claims that have not passed the gate."""
    _paused_until: float = 0.0

    @property
    def _token_s(self) -> float:
        return 1 / min(self.account_per_s, self.number_per_s)

    def expected_at(self) -> float:
        """When a further claim would have its token."""
        return max(self._free_at + self._claimed * self._token_s, self._paused_until)

    def is_near(self, now: float) -> bool:
        """Whether a token may be expected soon enough to claim for it."""
        return self.expected_at() - now <= self.ahead_s

    def claim(self, segments: int, now: float) -> float:
        """Count a claim in; when it may ask at the gate."""
        at = max(self.expected_at(), now)
        if self._claimed == 0:
            self._free_at = max(self._free_at, now)
        self._claimed += segments
        return at

    def let_go(self, segments: int) -> None:
        """The claim does not come to the gate, or was refused."""
        self._claimed -= segments

    def passed(self, segments: int, next_s: float, now: float) -> None:
        """The gate let a claim pass; the next token is there after ``next_s``."""
        self._claimed -= segments
        self._free_at = now + next_s

    def told_to_wait(self, wait_s: float, now: float) -> None:
        """Others took the token that was expected."""
        self._free_at = max(self._free_at, now + wait_s)

    def pause(self, seconds: float, now: float) -> None:
        """The account can't send for a while."""
        self._paused_until = max(self._paused_until, now + seconds)

    def is_paused(self, now: float) -> bool:
        """Whether the account can't send."""
        return now < self._paused_until
