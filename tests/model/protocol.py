"""An explicit-state model of the send protocol: one text in two plan versions, two senders, a reconciler.

The journal is its fold, as ``sender.fold`` makes it; Redis a claim marker, voids, a stop flag and an epoch;
the carrier a count of accepted messages. A step is anything that may happen next: a sender goes on, crashes
or is assigned anew, time passes, Redis forgets, a STOP, START or withdrawal comes, the carrier accepts,
refuses, drops or loses its answer. Each ``Rules`` flag turned off is a design thought of, and wrong.
"""

from typing import NamedTuple

Move = tuple[str, "State"]
NONE, CLAIMED, UNKNOWN, ACCEPTED, UNRESOLVED = "none", "claimed", "unknown", "accepted", "unresolved"
OPEN, CLOSED = (CLAIMED, UNKNOWN), (ACCEPTED, UNRESOLVED)


class Rules(NamedTuple):
    """The protocol; every default is the design, every other value a fault."""

    write_ahead: bool = True
    """A claim is in the journal before the gate is asked."""
    log_order: str = "stale"
    """The first claim in the log wins; looked up at the gate (fresh), once before it (stale), or never."""
    marker: str = "one-shot"
    """The claim in Redis: one-shot, none, or a lease that may be taken over."""
    epoch: bool = True
    """A Redis that forgot is noticed and rebuilt before it answers."""
    one_epoch: bool = True
    """A claim does not outlive what Redis knew when it was made."""
    poison: bool = True
    """A rebuild gives open claims back to nobody."""
    void: bool = True
    """A claim declared never begun is barred from the gate first."""
    by_claim: bool = True
    """A NotSent ends its own claim only."""
    waits_for_open: bool = True
    """A withdrawal ends nothing while a try is open."""
    barrier: bool = True
    """Nothing is sent before the deliveries are read to the end noted at the assignment."""
    maxima: bool = True
    """STOP and START are maxima; else START lifts the flag, and a replayed START lifts a later STOP's."""
    drain: bool = True
    """A STOP is called effective only when no send that passed the gate may still begin."""
    deadline: bool = True
    """Nothing begins later than the claim's deadline."""
    quiet: bool = True
    """Evidence is waited for until the last send that may be under way has ended."""
    verified: bool = False
    """Silence of the carrier gives one second attempt."""
    eager: bool = False
    """A timeout is tried again at once."""
    sweep: bool = True
    """What is open is looked at again and again, not once."""


class Bounds(NamedTuple):
    """How much may happen."""

    crashes: int = 1
    losses: int = 1
    """Of what Redis knew."""
    replays: int = 1
    claims: int = 3
    withdrawals: int = 1
    stops: int = 1


class Journal(NamedTuple):
    """The fold of the journal for the text."""

    status: str = NONE
    ended: int = -1
    attempt: int = 1
    claim: int = 0


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
    )


def is_over(journal: Journal, version: int) -> bool:
    """Whether the fold says that this version is not to be sent."""
    return journal.status in CLOSED or version <= journal.ended


def claimed(journal: Journal, version: int, attempt: int, claim: int) -> Journal:
    """The fold after a Claimed: it counts if nothing is open or over, for the attempt that comes next."""
    if is_over(journal, version) or journal.status != NONE or attempt != journal.attempt:
        return journal
    return journal._replace(status=CLAIMED, claim=claim)


def not_sent(journal: Journal, claim: int, rules: Rules, *, silence: bool = False) -> Journal:
    """The fold after a NotSent: the attempt is open again, or, after the carrier's silence, the next one."""
    if journal.status not in OPEN or (rules.by_claim and journal.claim != claim):
        return journal
    return journal._replace(status=NONE, attempt=journal.attempt + silence)


def suppressed(journal: Journal, version: int, rules: Rules, claim: int = 0) -> Journal:
    """The fold after a Suppressed or Expired, by a withdrawal or (with its claim) by the gate."""
    if is_over(journal, version):
        return journal
    if journal.status in OPEN and journal.claim != claim and rules.waits_for_open:
        return journal
    return journal._replace(status=NONE, ended=version)


def put(state: State, number: int, sender: Sender, **changes: object) -> State:
    """The state with one sender, and what else changed, replaced."""
    senders = (sender, state.senders[1]) if number == 0 else (state.senders[0], sender)
    return state._replace(senders=senders, **changes)  # type: ignore[arg-type]  # fields of State


def idling(sender: Sender) -> Sender:
    """The sender with nothing in hand."""
    return sender._replace(at="idle", version=0, attempt=0, claim=0, epoch=0)
