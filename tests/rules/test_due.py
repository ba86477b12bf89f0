"""When a row wants to be looked at: the clock's short cut says the same as the whole row."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from rules.due import due_of_phone, due_of_stops, next_due_of_phone, next_due_of_stops
from schemas.base import encode
from schemas.bookings import Handover
from schemas.row_times import PhoneTimes
from schemas.rows import PhoneRow, PhoneStops
from tests.desk import Desk
from tests.makers import PHONE, a_booking, at, policy, ref


def rows() -> list[PhoneRow]:
    """Rows at several moments of their life."""
    desk = Desk()
    found = [PhoneRow(phone=PHONE)]
    desk.put(a_booking(), a_booking(booking_id="b2", event_id="b2", person_id="p2", starts_at=at("16:00")))
    for clock in ("12:00", "13:30", "14:50", "17:00"):
        desk.run_to(at(clock))
        found.append(desk.tables.bookings[ref(PHONE)])
    early = Handover(
        phone=PHONE, phone_ref=ref(PHONE), from_ref=ref(PHONE), workspace_id="w1", event_id="b9", version=1,
        counted_ids=[], told=None, at=at("09:00"),
    )  # fmt: skip
    return [*found, replace(found[1], early={"w1/b9@1": early}), PhoneRow(phone=PHONE, early={"e": early})]


@pytest.mark.parametrize("row", rows())
def test_the_next_look_is_the_first_of_all_that_is_due(row: PhoneRow) -> None:
    first = min((when for when, _ in due_of_phone(ref(PHONE), row, policy())), default=None)
    times = msgspec.json.decode(encode(row), type=PhoneTimes)
    assert next_due_of_phone(row, policy()) == first
    assert next_due_of_phone(times, policy()) == first


@pytest.mark.parametrize(
    "stops",
    [
        {},
        {"hold_at": at("12:00")},
        {"hold_at": at("12:00"), "stop_at": at("13:00")},
        {"hold_at": at("12:00"), "start_at": at("12:00") + timedelta(minutes=5)},
    ],
)
def test_a_hold_wants_a_look_at_its_end(stops: dict[str, Any]) -> None:
    row = PhoneStops(phone=PHONE, **stops)
    due = [when for when, _ in due_of_stops(ref(PHONE), row, policy())]
    assert next_due_of_stops(row, policy()) == (due[0] if due else None)
