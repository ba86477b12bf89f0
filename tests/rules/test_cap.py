"""Six texts an event: how many are left for a text, given what went and what places are kept."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from rules.cap import is_last_move, slots_left
from rules.plan import fold_state
from schemas.base import Kind
from schemas.bookings import BookingState, Told
from schemas.deliveries import Wording
from schemas.rows import EventRow, PlannedText, TextState
from tests.makers import PHONE, a_booking, at, policy, ref

KINDS: dict[str, Kind] = {
    "confirmation": "confirmation",
    "moved": "schedule_change",
    "cancelled": "schedule_change",
    "reminder": "interview_reminder",
    "interviewer_late": "day_of_update",
}


def text(
    wording: Wording, name: str = "t", minutes_before: int = 15, state: TextState = "planned"
) -> PlannedText:
    due = at("15:00") - timedelta(minutes=minutes_before)
    return PlannedText(
        text_id=name * 32,
        plan_version=1,
        kind=KINDS[wording],
        wording=wording,
        basis="",
        state=state,
        cause_at=at("12:00"),
        due_at=due,
        first_due_at=due,
        expires_at=at("15:00"),
        told=Told(status="booked", starts_at=at("15:00")),
    )


def event(used: int, *texts: PlannedText, inherited: int = 0) -> EventRow:
    """An event of which so many texts went, on this phone and on the ones before."""
    state = BookingState(
        phone=PHONE, phone_ref=ref(PHONE), version=1, awaits_handover=False, news=None, booking=a_booking()
    )
    row = fold_state(None, state)
    assert row is not None
    return replace(
        row,
        counted_ids=tuple(f"own{n}#1" for n in range(used)),
        inherited_ids=tuple(f"before{n}#1" for n in range(inherited)),
        texts={t.text_id: t for t in texts},
    )


REMINDER = text("reminder", "r")
DAY_AHEAD = text("reminder", "d", minutes_before=1440)


@pytest.mark.parametrize(
    ("row", "this", "left"),
    [
        # a new event: one place is the reminder's, one is a change's
        (event(0, REMINDER), text("confirmation"), 4),
        # the reminder went or is over: its place is free
        (event(1, text("reminder", "r", state="ended")), text("interviewer_late"), 4),
        # four went: what is left is kept
        (event(4, REMINDER), text("interviewer_late"), 0),
        # a move leaves the reminder's place alone, and may take the other
        (event(4, REMINDER), text("moved"), 1),
        (event(5, REMINDER), text("moved"), 0),
        # a cancelled interview needs no reminder: every place is the cancellation's
        (event(5, REMINDER), text("cancelled"), 1),
        (event(6), text("cancelled"), 0),
        # the reminder itself may take the last place
        (event(5, REMINDER), REMINDER, 1),
        (event(6, REMINDER), REMINDER, 0),
        # a reminder a day ahead leaves one place for the last reminder and one for a change
        (event(3, DAY_AHEAD, REMINDER), DAY_AHEAD, 1),
        (event(4, DAY_AHEAD, REMINDER), DAY_AHEAD, 0),
        # and is no reason against the last one
        (event(5, DAY_AHEAD, REMINDER), REMINDER, 1),
        # what went to the phones before counts too
        (event(2, REMINDER, inherited=2), text("interviewer_late"), 0),
        # never below nothing
        (event(6, REMINDER, inherited=3), text("moved"), 0),
    ],
)
def test_slots_left(row: EventRow, this: PlannedText, left: int) -> None:
    assert slots_left(row, this, policy()) == left


@pytest.mark.parametrize(
    ("row", "this", "last"),
    [
        # one place left for moves
        (event(4, REMINDER), text("moved"), True),
        # two left
        (event(3, REMINDER), text("moved"), False),
        # only moves say so
        (event(5, REMINDER), text("cancelled"), False),
    ],
)
def test_the_last_move(row: EventRow, this: PlannedText, last: bool) -> None:
    assert is_last_move(row, this, policy()) == last


def test_a_try_counts_once_however_often_it_is_told() -> None:
    row = replace(event(2), inherited_ids=("own0#1", "own1#1"))
    assert slots_left(row, text("cancelled"), policy()) == 4
