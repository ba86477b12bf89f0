"""An explicit-state model of the send protocol: one text in two plan versions, two senders, a reconciler.

The journal is its fold, as ``sender.fold`` makes it; Redis a claim marker, voids, a stop flag and an epoch;
the carrier a count of accepted messages. A step is anything that may happen next: a sender goes on, crashes
or is assigned anew, time passes, Redis forgets, a STOP, START or withdrawal comes, the carrier accepts,
refuses, drops or loses its answer. Each ``Rules`` flag turned off is a design thought of, and wrong.
"""

from typing import NamedTuple

from tests.model.journal import Journal

Move = tuple[str, "State"]


class Bounds(NamedTuple):
    """How much may happen."""

    crashes: int = 1
    losses: int = 1
    """Of what Redis knew."""
    replays: int = 1
    claims: int = 3
    withdrawals: int = 1
    stops: int = 1
    reports: int = 0
    """Of delivery or loss in the carrier's network."""


class Redis(NamedTuple):
    """What the gate knows."""

    warm: bool = True
    epoch: int = 0
    held: int = 0
    """The claim that passed; negative: poisoned."""
    void: frozenset[int] = frozenset()
    stopped: bool = False


class Sender(NamedTuple):
    """A sender: where it is in its steps, with what, and what it knows."""

    at: str = "down"
    version: int = 0
    attempt: int = 0
    claim: int = 0
    epoch: int = 0
    """Of Redis, when the claim was made."""
    withdrawn: int = -1
    """The highest version it knows to be withdrawn."""
    missed: bool = False
    """Assigned after a withdrawal that it has not read."""


class State(NamedTuple):
    """The world."""

    journal: Journal
    redis: Redis
    senders: tuple[Sender, Sender]
    void_by: int = 0
    """The claim that the reconciler barred and has not written down yet."""
    lost_by: int = 0
    """The claim that it barred because the network lost its text, likewise."""
    before: int = 0
    """Messages that the carrier had accepted when the second try was allowed."""
    applied: int = -1
    """The highest version of which a sender called the withdrawal done."""
    reports: int = 0
    replays: int = 0
    withdrawn: int = -1
    withdrawals: int = 0
    stop: int = 0
    """Odd: a STOP is accepted; even above zero: effective, then a START, and so on by threes."""
    stops: int = 0
    claims: int = 0
    late: frozenset[int] = frozenset()
    """Claims past their deadline."""
    sent: int = 0
    callbacks: int = 0
    crashes: int = 0
    losses: int = 0


def start(bounds: Bounds) -> State:
    """Two senders down, one delivery in the log."""
    return State(
        Journal(),
        Redis(),
        (Sender(), Sender()),
        replays=bounds.replays,
        withdrawals=bounds.withdrawals,
        stops=bounds.stops,
        claims=bounds.claims,
        crashes=bounds.crashes,
        losses=bounds.losses,
        reports=bounds.reports,
    )


def put(state: State, number: int, sender: Sender, **changes: object) -> State:
    """The state with one sender, and what else changed, replaced."""
    senders = (sender, state.senders[1]) if number == 0 else (state.senders[0], sender)
    return state._replace(senders=senders, **changes)  # type: ignore[arg-type]  # fields of State


def idling(sender: Sender) -> Sender:
    """The sender with nothing in hand."""
    return sender._replace(at="idle", version=0, attempt=0, claim=0, epoch=0)
