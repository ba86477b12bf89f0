"""A sender from its assignment to the gate."""

from collections.abc import Callable, Iterator

from tests.model import posts
from tests.model.journal import ACCEPTED, CLOSED, DELIVERED, OPEN, claimed, is_over, suppressed
from tests.model.protocol import Move, Sender, State, idling, put
from tests.model.rules import Rules


def sender_steps(state: State, number: int, rules: Rules) -> Iterator[Move]:
    """What one sender may do next."""
    sender = state.senders[number]
    if sender.at == "down":
        knows = state.withdrawn if rules.barrier else -1
        up = Sender("idle", withdrawn=knows, missed=knows < state.withdrawn)
        yield f"s{number} assigned", put(state, number, up)
        return
    if state.crashes:
        yield f"s{number} CRASH at {sender.at}", put(state, number, Sender(), crashes=state.crashes - 1)
    if sender.withdrawn < state.withdrawn:
        yield (
            f"s{number} reads the withdrawal",
            put(state, number, sender._replace(withdrawn=state.withdrawn)),
        )
    yield from _NEXT[sender.at](state, number, sender, rules)


def _idle(state: State, number: int, sender: Sender, rules: Rules) -> Iterator[Move]:
    """Take up the newest version it knows of; replays and, with the sweep, whatever is not over."""
    journal = state.journal
    version = sender.withdrawn + 1
    yield from _end_withdrawn(state, number, sender, rules)
    again = rules.sweep and not is_over(journal, version) and journal.status not in OPEN
    again = again and (not journal.again or version == journal.version)
    if again or state.replays:
        after = state.replays if again else state.replays - 1
        read = sender._replace(at="read", version=version)
        yield f"s{number} takes version {version}", put(state, number, read, replays=after)


def _end_withdrawn(state: State, number: int, sender: Sender, rules: Rules) -> Iterator[Move]:
    """Written down, so that it holds for all; of an accepted text it matters where that is tried again."""
    journal = state.journal
    if sender.withdrawn <= max(journal.ended, state.applied):
        return
    if journal.status not in CLOSED or (rules.retries_lost and journal.status == ACCEPTED):
        ended = suppressed(journal, sender.withdrawn, rules)
        done = sender.withdrawn if journal.status == ACCEPTED else state.applied
        yield f"s{number} ends the withdrawn version", state._replace(journal=ended, applied=done)


def _read(state: State, number: int, sender: Sender, rules: Rules) -> Iterator[Move]:
    journal = state.journal
    idle = idling(sender)
    over = is_over(journal, sender.version) or (rules.write_ahead and journal.status in OPEN)
    if over or sender.version <= sender.withdrawn or not state.claims:
        yield f"s{number} leaves it", put(state, number, idle)
        return
    means = sender._replace(at="write", attempt=journal.attempt)
    yield f"s{number} means to send", put(state, number, means)


def _write(state: State, number: int, sender: Sender, rules: Rules) -> Iterator[Move]:
    """The claim, appended some time after the fold was read."""
    if not state.claims:
        yield f"s{number} leaves it", put(state, number, idling(sender))
        return
    claim = _new_claim(state)
    mine = sender._replace(at="claimed", claim=claim, epoch=state.redis.epoch)
    journal = state.journal
    if rules.write_ahead:
        journal = claimed(journal, sender.version, sender.attempt, claim)
    yield f"s{number} claims {claim}", put(state, number, mine, journal=journal, claims=state.claims - 1)


def _new_claim(state: State) -> int:
    used = {state.journal.claim, abs(state.redis.held), state.void_by, *state.redis.void, *state.late}
    used |= {sender.claim for sender in state.senders}
    return next(n for n in range(1, 20) if n not in used)


def _claimed(state: State, number: int, sender: Sender, rules: Rules) -> Iterator[Move]:
    """The look into the log, if it is made apart from the gate."""
    idle = idling(sender)
    lost = state.journal.claim != sender.claim or state.journal.status not in OPEN
    if rules.log_order == "stale" and lost:
        yield f"s{number} lost the claim", put(state, number, idle)
    else:
        yield f"s{number} won the claim", put(state, number, sender._replace(at="gate"))


def _gate(state: State, number: int, sender: Sender, rules: Rules) -> Iterator[Move]:
    redis = state.redis
    idle = idling(sender)
    lost = state.journal.claim != sender.claim or state.journal.status not in OPEN
    if rules.log_order == "fresh" and lost:
        yield f"s{number} lost the claim", put(state, number, idle)
    elif sender.version <= sender.withdrawn:
        yield f"s{number} gives it up", put(state, number, sender._replace(at="note not sent"))
    elif rules.epoch and not redis.warm:
        return
    elif rules.epoch and rules.one_epoch and redis.epoch != sender.epoch:
        yield f"s{number} meets another Redis", put(state, number, sender._replace(at="note not sent"))
    elif sender.attempt > 1 and state.journal.report == DELIVERED and rules.heeds_delivered:
        yield f"s{number} gives it up: delivered", put(state, number, sender._replace(at="note not sent"))
    elif redis.stopped and (rules.asks_anew or sender.attempt == 1):
        ended = suppressed(state.journal, sender.version, rules, claim=sender.claim)
        yield f"s{number} is refused: stopped", put(state, number, idle, journal=ended)
    else:
        yield from _pass(state, number, sender, rules)


def _pass(state: State, number: int, sender: Sender, rules: Rules) -> Iterator[Move]:
    redis = state.redis
    passed = sender._replace(at="deadline")
    state = state._replace(late=state.late - {sender.claim})  # the deadline starts here
    if _may_pass(state, sender, rules):
        held = sender.claim if rules.marker != "none" else 0
        wrong = " !second try of what was delivered" if _is_delivered(state, sender) else ""
        yield f"s{number} passes the gate{wrong}", put(state, number, passed, redis=redis._replace(held=held))
    elif rules.marker == "lease" and abs(redis.held) in state.late:
        yield (
            f"s{number} takes the lease over",
            put(state, number, passed, redis=redis._replace(held=sender.claim)),
        )
    else:
        refused = sender._replace(at="note not sent" if rules.write_ahead else "idle", version=sender.version)
        yield f"s{number} is refused: claimed", put(state, number, refused)


def _is_delivered(state: State, sender: Sender) -> bool:
    return sender.attempt > 1 and state.journal.report == DELIVERED


def _may_pass(state: State, sender: Sender, rules: Rules) -> bool:
    """Free or mine, and not void; who won the log may follow a claim that the journal has closed."""
    redis = state.redis
    if sender.claim in redis.void or redis.held == -sender.claim:
        return False
    if rules.marker == "none" or redis.held in (0, sender.claim):
        return True
    followed = rules.write_ahead and rules.log_order != "never" and rules.marker == "one-shot"
    return followed and abs(redis.held) != state.journal.claim


_NEXT: dict[str, Callable[[State, int, Sender, Rules], Iterator[Move]]] = {
    "idle": _idle,
    "read": _read,
    "write": _write,
    "claimed": _claimed,
    "gate": _gate,
    "deadline": posts.deadline,
    "posting": posts.posting,
    "note accepted": posts.note_accepted,
    "note unknown": posts.note_unknown,
    "note not sent": posts.note_not_sent,
}
