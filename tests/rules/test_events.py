"""What a row remembers of its texts when there are too many."""

from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from rules.due import due_of_phone
from rules.events import TEXTS_KEPT, counted, current, with_text
from schemas.rows import EventRow, PhoneRow, PlannedText
from tests.makers import PHONE, a_booking, at, policy, ref


def a_text(n: int, **changes: Any) -> PlannedText:
    fields: dict[str, Any] = {
        "text_id": f"{n:032}".replace("0", "a").replace("1", "b"),
        "plan_version": 1,
        "kind": "day_of_update",
        "wording": "interviewer_late",
        "basis": f"b1@{n}",
        "state": "ended",
        "end": "accepted",
        "cause_at": at("12:00"),
        "due_at": at("12:00") + timedelta(minutes=n),
        "first_due_at": at("12:00"),
        "expires_at": at("15:00"),
        "told": current(a_booking()),
    }
    return PlannedText(**{**fields, **changes})


def crowded(*texts: PlannedText) -> EventRow:
    booking = a_booking()
    event = EventRow(version=1, booking=booking, changed_by="b1@1", changed_at=booking.received_at)
    for text in texts:
        event = with_text(event, text)
    return event


def kept(*texts: PlannedText) -> set[str]:
    return {text.basis for text in crowded(*texts).texts.values()}


FULL = tuple(a_text(n) for n in range(TEXTS_KEPT))


def test_the_oldest_that_ended_makes_room() -> None:
    assert kept(*FULL, a_text(90)) == {f"b1@{n}" for n in (*range(1, TEXTS_KEPT), 90)}


def test_what_was_not_sent_goes_before_what_was() -> None:
    unsent = a_text(80, end="withdrawn")
    assert "b1@80" not in kept(*FULL[1:], unsent, a_text(90))


def test_what_the_plan_would_draw_again_goes_last() -> None:
    reminder = a_text(80, kind="interview_reminder", end="withdrawn")
    assert "b1@80" in kept(*FULL[1:], reminder, a_text(90))


def test_confirmations_and_what_is_open_or_under_way_stay() -> None:
    others = [
        a_text(70, kind="confirmation"),
        a_text(71, state="planned", end=None),
        a_text(72, state="released", end=None),
    ]
    assert {"b1@70", "b1@71", "b1@72"} <= kept(*others, *FULL, a_text(90))


def test_of_its_own_texts_the_row_knows_best() -> None:
    event = crowded(a_text(1))
    mine, other = f"{a_text(1).text_id}#1", f"{'c' * 32}#1"
    event = replace(event, inherited_ids=(mine, other))
    assert counted(event) == (other,)
    assert counted(replace(event, counted_ids=(mine,))) == (mine, other)


def test_an_empty_row_has_nothing_due() -> None:
    assert list(due_of_phone(ref(PHONE), PhoneRow(phone=PHONE), policy())) == []
