"""A sender from the gate to what it notes."""

from collections.abc import Iterator

from tests.model.journal import CLAIMED, UNKNOWN, accepted, not_sent
from tests.model.protocol import Move, Sender, State, idling, put
from tests.model.rules import Rules


def deadline(state: State, number: int, sender: Sender, rules: Rules) -> Iterator[Move]:
    if rules.deadline and sender.claim in state.late:
        yield f"s{number} is too late", put(state, number, sender._replace(at="note not sent"))
        return
    yield f"s{number} POSTs{_forbidden(state, sender)}", put(state, number, sender._replace(at="posting"))


def _forbidden(state: State, sender: Sender) -> str:
    """What makes this very send a violation."""
    if state.stop and state.stop % 3 == 2:
        return " !send after STOP was effective"
    if sender.version <= max(state.journal.ended, state.applied):
        return " !send after the withdrawal was applied"
    if sender.missed and sender.version <= state.withdrawn:
        return " !send of what was withdrawn before the assignment"
    return ""


def posting(state: State, number: int, sender: Sender, rules: Rules) -> Iterator[Move]:
    def to(at: str) -> Sender:
        return sender._replace(at=at)

    taken = {"sent": state.sent + 1, "callbacks": state.callbacks + 1}
    yield f"s{number} carrier accepts", put(state, number, to("note accepted"), **taken)
    yield f"s{number} carrier accepts, no answer", put(state, number, to("note unknown"), **taken)
    yield f"s{number} carrier refuses", put(state, number, to("note not sent"))
    yield f"s{number} carrier never gets it", put(state, number, to("note unknown"))


def note_accepted(state: State, number: int, sender: Sender, rules: Rules) -> Iterator[Move]:
    idle = idling(sender)
    journal = accepted(state.journal, sender.attempt)
    yield f"s{number} notes: accepted", put(state, number, idle, journal=journal)


def note_unknown(state: State, number: int, sender: Sender, rules: Rules) -> Iterator[Move]:
    idle = idling(sender)
    journal, redis = state.journal, state.redis
    if rules.eager:
        journal = not_sent(journal, sender.claim, rules)
        redis = redis._replace(held=0)
    elif journal.status == CLAIMED and journal.claim == sender.claim:
        journal = journal._replace(status=UNKNOWN)
    yield f"s{number} notes: unknown", put(state, number, idle, journal=journal, redis=redis)


def note_not_sent(state: State, number: int, sender: Sender, rules: Rules) -> Iterator[Move]:
    idle = idling(sender)
    journal = not_sent(state.journal, sender.claim, rules)
    held = 0 if state.redis.held == sender.claim else state.redis.held
    redis = state.redis._replace(held=held, void=state.redis.void | {sender.claim})
    yield f"s{number} notes: not sent", put(state, number, idle, journal=journal, redis=redis)
