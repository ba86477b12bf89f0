"""The judge of chaos lets a good run pass and names each kind of broken promise."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, get_args

import pytest
from msgspec.structs import replace as with_fields

from schemas.base import Kind
from schemas.journal import JournalRecord
from sender.projector import project
from simulator.ledger import Accepted, StateChanged
from tests.chaos.judge import Seen, Sent, ends_of, second_tries, sent_by, violations
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
KIND = get_args(Kind)
SENT: list[JournalRecord] = [claimed(), accepted()]


def seen(*journal: JournalRecord, times: int = 1, **changes: Any) -> Seen:
    """A text, its journal as told to the world, and how often the carrier accepted it, at ``AT``."""
    told = [m for n, r in enumerate(journal) for m in project(r, partition=0, offset=n, key=b"k")[:1]]
    good = Seen(
        accepted={NAME: [Sent(AT)] * times} if times else {},
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
    "after not_after": seen(*SENT, accepted={NAME: [Sent(AT + 2 * SECOND)]}),
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


# A second try after a loss in the carrier's network

KINDS = {
    kind: delivery("+12025550123", text=with_fields(TEXT, kind=kind), not_after=AT + 9 * SECOND)
    for kind in KIND
}


def tried(*ends: str, kind: str = "interview_reminder", gap_s: float = 2) -> Seen:
    """A text accepted once for each end, ``gap_s`` apart; each end, ``state code``, a second after."""
    url = f"https://texts.example.org/webhooks/status/{NAME}.1.0.token"
    entries = [
        Accepted(at=AT + n * gap_s * SECOND, uuid=f"u{n}", api_id="", src="", dst="", text="", url=url)
        for n in range(len(ends))
    ]
    states = [
        StateChanged(at=e.at + SECOND, uuid=e.uuid, state=end.split()[0], error_code=end.partition(" ")[2])
        for e, end in zip(entries, ends, strict=True)
    ]
    return seen(*SENT, texts={NAME: KINDS[kind]}, accepted=sent_by(entries, states))


@pytest.mark.parametrize("code", ["20", "80", "300", "1000"])
@pytest.mark.parametrize("state", ["failed", "undelivered"])
def test_a_reminder_may_go_again_once_it_was_lost(state: str, code: str) -> None:
    found = tried(f"{state} {code}", "delivered")
    assert (list(violations(found)), second_tries(found)) == ([], 1)


@pytest.mark.parametrize(
    "found",
    [
        # it arrived
        tried("delivered", "delivered"),
        # lost for good, or by a code that says nothing of a second try
        tried("failed 50", "delivered"),
        tried("undelivered 200", "delivered"),
        # not yet lost when it went again
        tried("failed 20", "delivered", gap_s=0.5),
        # a third time, whatever became of the second
        tried("failed 20", "failed 20", "delivered"),
        # nothing has one under the other policy
        replace(tried("failed 20", "delivered"), strict=True),
        # other kinds have none
        *(tried("failed 20", "delivered", kind=kind) for kind in KIND if kind != "interview_reminder"),
    ],
)
def test_and_in_no_other_case(found: Seen) -> None:
    assert any("times" in line for line in violations(found))
    assert second_tries(found) == 0


def test_a_second_try_after_a_stop_is_as_forbidden_as_a_first() -> None:
    found = replace(tried("failed 20", "delivered"), stops=stop(1.5))
    assert [line for line in violations(found) if "after STOP" in line]
