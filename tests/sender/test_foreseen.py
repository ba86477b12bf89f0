"""What a sender would send of what it reads, as a replay foresees it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from schemas.base import Message
from schemas.deliveries import Delivery, ScopeWithdrawal
from schemas.phone_states import EndedState, StopState
from sender.foreseen import foreseen
from sender.partition import Partition
from tests.sender.records import accepted
from tests.sender.texts import delivery, new_phone, reply, withdrawal

NOW = datetime.now(UTC)
TEXT = delivery(new_phone(), valid_s=60)
NAMES = {"phone_ref": TEXT.text.phone_ref}
SCOPE: dict[str, Any] = {"partition": 0, "workspace_id": TEXT.text.workspace_id or "", "study_id": None}


def going(*told: Message, held: Partition | None = None, now: datetime = NOW) -> list[Delivery]:
    return foreseen(held or Partition(0), told, now)


def waiting(*texts: Delivery) -> Partition:
    held = Partition(0)
    for offset, text in enumerate(texts):
        held.take(offset, text, NOW)
    return held


def test_what_waits_and_what_comes_goes_once() -> None:
    assert going() == []
    assert going(TEXT) == [TEXT]
    assert going(TEXT, TEXT, held=waiting(TEXT)) == [TEXT]


def test_what_the_journal_ended_stays_ended() -> None:
    held = Partition(0)
    held.hear(accepted(text=TEXT.text, at=NOW))
    assert going(TEXT, held=held) == []
    later = replace(TEXT, text=replace(TEXT.text, plan_version=2))
    assert going(later, held=held) == []


def test_of_two_versions_the_first_goes() -> None:
    later = replace(TEXT, text=replace(TEXT.text, plan_version=2))
    assert going(held=waiting(later, TEXT)) == [TEXT]


# each row: what is told before the text, which then does not go
STOPS: dict[str, Message] = {
    "withdrawn": withdrawal(TEXT.text),
    "stopped": StopState(stop_at=NOW, start_at=None, hold_at=None, **NAMES),
    "phone ended": EndedState(workspace_id=None, person_id=None, ended_at=NOW, **NAMES),
    "person ended": EndedState(
        workspace_id=TEXT.text.workspace_id, person_id=TEXT.text.person_id, ended_at=NOW, **NAMES
    ),
    "switched off": ScopeWithdrawal(reason="workspace_off", settings_revision=2, at=NOW, **SCOPE),
}


@pytest.mark.parametrize("case", STOPS)
def test_what_ends_a_text(case: str) -> None:
    assert going(STOPS[case], TEXT) == []


def test_an_end_before_the_consent_ends_nothing() -> None:
    before = NOW - timedelta(hours=2)
    assert going(EndedState(workspace_id=None, person_id=None, ended_at=before, **NAMES), TEXT) == [TEXT]


def test_what_is_late_does_not_go() -> None:
    assert going(TEXT, now=TEXT.not_after) == []
    assert going(replace(TEXT, released_at=TEXT.not_after)) == []
    assert going(held=waiting(TEXT), now=TEXT.not_after) == []


def test_an_answer_goes_after_a_stop() -> None:
    answer = reply(TEXT.phone, "inbound-1")
    assert going(STOPS["stopped"], answer) == [answer]
