"""How well the rate was used: what the carrier's ledger says of texts that were due at once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from schemas.deliveries import Delivery
from simulator.ledger import Accepted
from tests.sender.street import Street


@dataclass(frozen=True)
class Figures:
    """Of one run, beside the best order: earliest deadline first, one each slot of the rate.

    ``too_early``: accepted in a second that was full. ``left_s``: the least time left to a deadline, which
    that order makes as long as can be; ``behind``: the furthest that a text came after its slot there, as a
    part of the whole run. ``stale``: accepted after their deadline.
    """

    sent: int
    use: float
    too_early: int
    left_s: float
    best_left_s: float
    behind: float
    stale: int

    def __str__(self) -> str:
        return (
            f"{self.sent} sent, {self.use:.1%} of the rate used, {self.too_early} too early for it; "
            f"least time left {self.left_s:.2f} s, by the best order {self.best_left_s:.2f} s; "
            f"furthest behind it {self.behind:.1%} of the run; {self.stale} stale"
        )


def figures(street: Street, texts: list[Delivery], rate_per_s: float, slack_s: float) -> Figures:
    """Judge a run by the ledger's times of acceptance. ``slack_s``: jitter that is no violation."""
    wanted = {text.text.text_id: text for text in texts}
    taken = sorted(
        (entry.at, wanted[name].not_after)
        for entry in street.carrier.ledger(Accepted)
        if (name := (entry.url or "").rpartition("/")[2].partition(".")[0]) in wanted
    )
    times = [at for at, _ in taken]
    took_s = (times[-1] - times[0]).total_seconds()
    slots = [times[0] + timedelta(seconds=n / rate_per_s) for n in range(len(times))]
    best = list(zip(slots, sorted(deadline for _, deadline in taken), strict=True))
    slot_of = {deadline: slot for slot, deadline in best}
    return Figures(
        sent=len(taken),
        use=(len(times) - 1) / rate_per_s / took_s,
        too_early=_too_early(times, rate_per_s, slack_s),
        left_s=_least_left_s(taken),
        best_left_s=_least_left_s(best),
        behind=max((at - slot_of[deadline]).total_seconds() for at, deadline in taken) / took_s,
        stale=sum(at > deadline for at, deadline in taken),
    )


def _least_left_s(taken: list[tuple[datetime, datetime]]) -> float:
    return min((deadline - at).total_seconds() for at, deadline in taken)


def _too_early(times: list[datetime], rate_per_s: float, slack_s: float) -> int:
    """Sends that made one second hold more than its rate, one token and what jitter pushes into it."""
    most = int(rate_per_s * (1 + slack_s)) + 1
    return sum((later - at).total_seconds() < 1 for at, later in zip(times, times[most:], strict=False))
