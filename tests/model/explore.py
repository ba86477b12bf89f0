"""Every state that a protocol can reach, and the shortest way to the first that breaks a promise."""

from collections import Counter, deque
from dataclasses import dataclass, field

from tests.model.journal import ACCEPTED, CLOSED, NONE, OPEN, UNRESOLVED
from tests.model.moves import steps
from tests.model.protocol import Bounds, Move, State, start
from tests.model.rules import Rules

FAULTS = ("CRASH", "Redis forgets", "STOP accepted", "START", "WITHDRAWAL", "callback lost", "report")


@dataclass
class Found:
    """How many states there are, how texts end, and the first violation with its trace."""

    states: int = 0
    ends: Counter[tuple[str, int]] = field(default_factory=Counter)
    violation: str = ""
    trace: list[str] = field(default_factory=list)
    complete: bool = True


def explore(rules: Rules, bounds: Bounds, *, wanted: str = "", limit: int = 3_000_000) -> Found:
    """Breadth first, so the trace is a shortest one; stops at the first violation (of the wanted kind)."""
    first = start(bounds)
    before: dict[State, tuple[State, str] | None] = {first: None}
    queue = deque([first])
    found = Found()
    while queue:
        state = queue.popleft()
        moves = list(steps(state, rules))
        wrong = _wrong(state, moves, rules, found)
        if wrong and wanted in wrong:
            found.violation, found.trace = wrong, _trace(before, state)
            break
        if wrong:
            continue
        for label, after in moves:
            if "!" in label and wanted in label:
                found.violation, found.trace = label.partition("!")[2], [*_trace(before, state), label]
                break
            if after not in before:
                before[after] = (state, label)
                queue.append(after)
        if found.violation or len(before) > limit:
            found.complete = bool(found.violation)
            break
    found.states = len(before)
    return found


def _wrong(state: State, moves: list[Move], rules: Rules, found: Found) -> str:
    """What is wrong with a state, by itself or because nothing follows but faults.

    Under ``verified`` a try of which the carrier said that its network lost it is excused, one a text.
    """
    if state.sent - (rules.verified and state.before > 0) > 1:
        return "duplicate"
    if any(
        not label.startswith(FAULTS) and "CRASH" not in label and after != state for label, after in moves
    ):
        return ""
    journal = state.journal
    found.ends[journal.status, state.sent] += 1
    waits_again = journal.again and journal.status == NONE
    if state.sent and journal.status not in CLOSED and not waits_again:
        return "unrecorded send"
    if state.sent and journal.status == UNRESOLVED:
        return "unresolved, though the list shows it"
    if not state.sent and journal.status == ACCEPTED:
        return "phantom"
    version = state.withdrawn + 1
    ends_no_more = journal.status in CLOSED or waits_again
    is_lost = journal.status in OPEN or (not ends_no_more and version > journal.ended)
    return "silent loss" if is_lost and state.claims else ""


def _trace(before: dict[State, tuple[State, str] | None], state: State) -> list[str]:
    labels = []
    while (step := before[state]) is not None:
        state, label = step
        labels.append(label)
    return labels[::-1]
