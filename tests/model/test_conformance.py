"""The checker of real journals lets good ones pass and flags each kind of bad one."""

import pytest

from rules.second_tries import NO_EVIDENCE
from schemas.journal import JournalRecord
from tests.model.conformance import refusals
from tests.sender.records import (
    accepted,
    claimed,
    lost,
    not_sent,
    opened,
    rejected,
    reported,
    suppressed,
    unknown,
    unresolved,
)

GOOD: dict[str, list[JournalRecord]] = {
    "sent": [claimed(), accepted(), reported()],
    "raced": [claimed("c1"), claimed("c2"), accepted("u1", claim_id="c1")],
    "refused, then sent": [claimed(), not_sent(), claimed("c2"), accepted(claim_id="c2")],
    "early callback": [claimed(), accepted(claim_id=None, evidence="callback"), accepted()],
    "second try": [
        claimed(),
        unknown(),
        not_sent("c1", NO_EVIDENCE),
        claimed("c2", attempt=2),
        accepted(attempt=2, claim_id="c2"),
    ],
    "lost, then sent again": [
        claimed(),
        accepted(),
        lost(),
        opened(),
        claimed("c2", attempt=2),
        accepted("u2", attempt=2, claim_id="c2"),
        reported("delivered", attempt=2, carrier_uuid="u2"),
    ],
    "lost, delivered before it was opened": [
        claimed(),
        accepted(),
        lost(),
        reported("delivered", 4),
        opened(),
    ],
    "lost, and refused by the gate": [
        claimed(),
        accepted(),
        lost(),
        opened(),
        claimed("c2", attempt=2),
        suppressed(claim_id="c2", reason="opted_out"),
    ],
    "settled late": [claimed(), unknown(), unresolved(), accepted(claim_id=None, evidence="callback")],
    "withdrawn": [claimed(), suppressed(), not_sent(), suppressed()],
    "rejected": [claimed(), rejected()],
    "settled by hand": [claimed(), unknown(), unresolved(), rejected(None)],
    "settled by hand, then seen": [claimed(), unknown(), unresolved(), rejected(None), accepted()],
}
BAD: dict[str, list[JournalRecord]] = {
    "a loser was sent": [claimed("c1"), claimed("c2"), accepted(claim_id="c2")],
    "a loser asked the gate": [
        claimed("c1"),
        claimed("c2"),
        accepted(claim_id="c1"),
        not_sent("c2", "claimed"),
    ],
    "sent twice": [claimed(), accepted("u1"), accepted("u2")],
    "two claims accepted": [
        claimed(),
        not_sent(),
        claimed("c2"),
        accepted("u1", claim_id="c1"),
        accepted("u2", claim_id="c2"),
    ],
    "sent after its end": [suppressed(), claimed(), accepted()],
    "tried again at once": [claimed(), unknown(), claimed("c2"), not_sent("c2")],
    "sent again, and nothing was lost": [
        claimed(),
        accepted(),
        opened(),
        claimed("c2", attempt=2),
        accepted("u2", attempt=2, claim_id="c2"),
    ],
    "sent again after a code that does not pass": [claimed(), accepted(), lost("50"), opened()],
    "lost, and sent a third time": [
        claimed(),
        accepted(),
        lost(),
        opened(),
        claimed("c2", attempt=2),
        accepted("u2", attempt=2, claim_id="c2"),
        opened("c2"),
        claimed("c3", attempt=3),
        accepted("u3", attempt=3, claim_id="c3"),
    ],
    "delivered, and sent again": [
        claimed(),
        accepted(),
        lost(),
        reported("delivered", 4),
        opened(),
        claimed("c2", attempt=2),
        accepted("u2", attempt=2, claim_id="c2"),
    ],
    "never claimed": [accepted(claim_id=None, evidence="list")],
    "unresolved from nothing": [claimed(), unresolved()],
    "reported before it was accepted": [claimed(), reported()],
    "claimed twice": [claimed(), not_sent(), claimed()],
}


@pytest.mark.parametrize("records", GOOD.values(), ids=GOOD)
def test_what_the_protocol_writes(records: list[JournalRecord]) -> None:
    assert refusals(records) == []


@pytest.mark.parametrize("records", BAD.values(), ids=BAD)
def test_what_it_never_writes(records: list[JournalRecord]) -> None:
    assert refusals(records)
