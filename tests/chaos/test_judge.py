"""The judge of chaos lets a good run pass and names each kind of broken promise."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from schemas.journal import JournalRecord
from sender.projector import project
from tests.chaos.judge import Seen, ends_of, violations
from tests.chaos.traffic import Stop
from tests.sender.records import (
    AT,
    TEXT,
    accepted,
    claimed,
    expired,
    suppressed,
    unknown,
    unresolved,
)
from tests.sender.texts import delivery

NAME = TEXT.text_id
SECOND = timedelta(seconds=1)
SENT: list[JournalRecord] = [claimed(), accepted()]


def seen(*journal: JournalRecord, times: int = 1, **changes: Any) -> Seen:
    """A text, its journal as told to the world, and how often the carrier accepted it, at ``AT``."""
    told = [m for n, r in enumerate(journal) for m in project(r, partition=0, offset=n, key=b"k")[:1]]
    good = Seen(
        accepted={NAME: [AT] * times} if times else {},
        ends=ends_of(told),  # type: ignore[arg-type]  # the first message of a record is its event
        texts={NAME: delivery("+12025550123", text=TEXT, not_after=AT + SECOND)},
        stops={},
        pauses=[],
        journal=list(journal),
        logs="",
    )
    return replace(good, **changes)


def stop(effective_s: float, *, empty: bool = True) -> dict[str, Stop]:
    at = AT + effective_s * SECOND
    return {TEXT.phone_ref: Stop(at - SECOND, at, empty)}


ALERTED = f'{{"alert": true, "text_id": "{NAME}", "event": "unresolved"}}'
GOOD = {
    "sent": seen(*SENT),
    "not sent": seen(suppressed(), times=0),
    "stopped later": seen(*SENT, stops=stop(0.1)),
    "begun before the drain's end": seen(*SENT, stops=stop(-0.3, empty=False)),
    "paused a moment ago": seen(*SENT, pauses=[(AT - SECOND, AT + SECOND)]),
    "unclear, and alerted": seen(claimed(), unknown(), unresolved(), logs=ALERTED),
}
BAD = {
    "never ended": seen(claimed(), times=0),
    "accepted 2 times": seen(*SENT, times=2),
    "said to be accepted, and was not": seen(*SENT, times=0),
    "accepted, and said to be suppressed": seen(suppressed()),
    "accepted, and said to be expired": seen(expired()),
    "after not_after": seen(*SENT, accepted={NAME: [AT + 2 * SECOND]}),
    "after STOP": seen(*SENT, stops=stop(-0.3)),
    "s after STOP": seen(*SENT, stops=stop(-0.6, empty=False)),
    "while paused": seen(*SENT, pauses=[(AT - 3 * SECOND, AT + SECOND)]),
    "unresolved without an alert": seen(claimed(), unknown(), unresolved()),
    "not one of the model's journals": seen(claimed("c1"), claimed("c2"), accepted(claim_id="c2")),
}


@pytest.mark.parametrize("found", GOOD.values(), ids=GOOD)
def test_a_good_run(found: Seen) -> None:
    assert list(violations(found)) == []


@pytest.mark.parametrize(("named", "found"), BAD.items(), ids=BAD)
def test_a_broken_promise(named: str, found: Seen) -> None:
    assert any(named in line for line in violations(found))
