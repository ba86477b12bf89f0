"""Everything that may happen next."""

from collections.abc import Iterator

from tests.model import world
from tests.model.protocol import Move, State
from tests.model.rules import Rules
from tests.model.senders import sender_steps


def steps(state: State, rules: Rules) -> Iterator[Move]:
    """The labelled successors of a state."""
    for number in (0, 1):
        yield from sender_steps(state, number, rules)
    yield from world.time(state)
    yield from world.people(state, rules)
    yield from world.redis_fails(state, rules)
    yield from world.evidence(state)
    yield from world.reports(state, rules)
    yield from world.reconciler(state, rules)
