"""What happens beside the senders: time, people, a Redis that forgets, evidence, the reconciler."""

from collections.abc import Iterator

from tests.model.journal import (
    CLAIMED,
    DELIVERED,
    LOST,
    OPEN,
    UNRESOLVED,
    accepted,
    closed,
    lost,
    not_sent,
    reported,
)
from tests.model.protocol import Move, Redis, State
from tests.model.rules import Rules


def time(state: State) -> Iterator[Move]:
    under_way = {sender.claim for sender in state.senders if sender.at in ("gate", "deadline", "posting")}
    open_claim = {state.journal.claim} if state.journal.status in OPEN else set()
    for claim in sorted((under_way | open_claim) - state.late - {0}):
        yield f"claim {claim} is past its deadline", state._replace(late=state.late | {claim})


def people(state: State, rules: Rules) -> Iterator[Move]:
    if state.withdrawals:
        yield "WITHDRAWAL", state._replace(withdrawn=state.withdrawn + 1, withdrawals=state.withdrawals - 1)
    phase = state.stop % 3
    if phase == 0 and state.stops:
        told = state.redis._replace(stopped=True)
        yield "STOP accepted", state._replace(stop=state.stop + 1, stops=state.stops - 1, redis=told)
    if phase == 1 and (not rules.drain or not _may_begin(state, rules)):
        yield "STOP effective", state._replace(stop=state.stop + 1)
    if phase == 2 and state.stops:
        lifted = state.redis._replace(stopped=False)
        yield "START", state._replace(stop=state.stop + 1, redis=lifted)
    if state.stop > 3 and phase and not rules.maxima:
        yield "START replayed", state._replace(redis=state.redis._replace(stopped=False))


def _may_begin(state: State, rules: Rules) -> bool:
    """Whether a send that passed the gate may still begin, or is beginning."""
    return any(
        sender.at == "posting"
        or (sender.at == "deadline" and not (rules.deadline and sender.claim in state.late))
        for sender in state.senders
    )


def redis_fails(state: State, rules: Rules) -> Iterator[Move]:
    redis = state.redis
    if state.losses:
        left, epoch = state.losses - 1, redis.epoch + 1
        yield "Redis forgets all", state._replace(losses=left, redis=Redis(warm=False, epoch=epoch))
        stale = redis._replace(warm=not rules.epoch, epoch=epoch, held=0)
        yield "Redis forgets the claim", state._replace(losses=left, redis=stale)
    if not redis.warm:
        again = _rebuilt(state, rules) if rules.epoch else redis._replace(warm=True)
        yield "Redis is rebuilt" if rules.epoch else "Redis is back, empty", state._replace(redis=again)


def _rebuilt(state: State, rules: Rules) -> Redis:
    """From the journal and the phone states; a claim that is not over is given to nobody."""
    journal = state.journal
    held = journal.claim if journal.status in OPEN else 0
    return state.redis._replace(
        warm=True, held=-held if rules.poison else held, stopped=state.stop % 3 in (1, 2)
    )


def evidence(state: State) -> Iterator[Move]:
    if state.callbacks:
        yield "callback lost", state._replace(callbacks=state.callbacks - 1)
        yield (
            "callback",
            state._replace(
                callbacks=state.callbacks - 1, journal=accepted(state.journal, state.journal.attempt)
            ),
        )


def reports(state: State, rules: Rules) -> Iterator[Move]:
    """Of the try that the carrier has now; that a try was delivered may also come after its loss."""
    if not state.reports or not state.sent:
        return
    left, is_new = state.reports - 1, state.sent > state.before
    known = accepted(state.journal, state.journal.attempt) if is_new else state.journal
    if is_new and not known.report:
        yield "report: lost", state._replace(reports=left, journal=reported(known, LOST, rules))
    if known.report != DELIVERED:
        yield "report: delivered", state._replace(reports=left, journal=reported(known, DELIVERED, rules))


def reconciler(state: State, rules: Rules) -> Iterator[Move]:
    journal = state.journal
    if state.void_by:
        noted = not_sent(journal, state.void_by, rules)
        yield "reconciler notes: never begun", state._replace(journal=noted, void_by=0)
        if state.crashes:
            yield "reconciler CRASH", state._replace(void_by=0, crashes=state.crashes - 1)
    if rules.retries_lost:
        yield from _try_again(state, rules)
    if not rules.write_ahead or journal.status not in OPEN or journal.claim not in state.late:
        return
    if rules.quiet and any(s.claim == journal.claim and s.at == "posting" for s in state.senders):
        return
    yield from _settle(state, rules)


def _try_again(state: State, rules: Rules) -> Iterator[Move]:
    """Bar the claim that was sent and lost, then write that down: meanwhile more may be told."""
    journal, redis = state.journal, state.redis
    if state.lost_by:
        again = lost(journal, state.lost_by, rules)
        changes = {"before": state.sent, "callbacks": 0} if again is not journal else {}
        yield "reconciler notes: lost, once more", state._replace(journal=again, lost_by=0, **changes)
    elif redis.warm and lost(journal, journal.claim, rules) is not journal and journal.report == LOST:
        barred = redis._replace(void=redis.void | {journal.claim})
        yield "reconciler: lost by the network", state._replace(redis=barred, lost_by=journal.claim)


def _settle(state: State, rules: Rules) -> Iterator[Move]:
    journal, redis = state.journal, state.redis
    unmarked = journal.status == CLAIMED and abs(redis.held) != journal.claim
    if state.sent > state.before:
        in_list = accepted(journal, journal.attempt)
        yield "reconciler: in the list", state._replace(journal=in_list)
    elif rules.marker != "none" and unmarked:
        if redis.warm and not state.void_by:
            yield from _never_begun(state, rules)
    elif rules.verified and journal.attempt == 1 and redis.warm:
        barred = redis._replace(void=redis.void | {journal.claim})
        again = not_sent(journal, journal.claim, rules, silence=True)
        yield "reconciler: no evidence, once more", state._replace(journal=again, redis=barred)
    else:
        yield "reconciler: unresolved", state._replace(journal=closed(journal, UNRESOLVED))


def _never_begun(state: State, rules: Rules) -> Iterator[Move]:
    """No marker in a warm Redis: bar the claim there, then write it down."""
    redis, claim = state.redis, state.journal.claim
    barred = redis.void | {claim} if rules.void else redis.void
    yield "reconciler: never begun", state._replace(redis=redis._replace(void=barred), void_by=claim)
