"""A booking that passes to another person on the same phone, and back."""

from typing import Any

import pytest

from schemas.bookings import DayOf, TextEnded
from schemas.deliveries import Delivery, Withdrawal
from tests.desk import Desk, ended, of, planned, sent, withdrawn
from tests.makers import PHONE, a_booking_event, a_sign_up, at, ref

FINAL = ("accepted", "unresolved", "rejected")


def booked() -> tuple[Desk, Delivery]:
    """Two persons of one phone agreed; the first was sent a confirmation, whose end is still open."""
    desk = Desk(accepts=False)
    desk.put(a_sign_up(), a_sign_up(sign_up_id="su2", person_id="p2"), a_booking_event())
    [confirmation] = of(desk.run_to(at("12:00")), Delivery)
    return desk, confirmation


def passed(desk: Desk, when: str, revision: int, person: str, day: int = 0, **changes: Any) -> list[Any]:
    """What comes of the booking's passing to a person, all that it releases being accepted."""
    now = at(when, day=day)
    desk.run_to(now)
    out = desk.put(a_booking_event(revision=revision, person_id=person, **changes)) + desk.run_to(now)
    for delivery in of(out, Delivery):
        desk.put(ended(delivery))
    return out


@pytest.mark.parametrize("end", FINAL)
@pytest.mark.parametrize("end_comes", ["before", "between", "after"])
def test_who_had_the_confirmation_gets_no_second_one(end: str, end_comes: str) -> None:
    """The sender takes no other version of what it closed: that would stand as released for ever."""
    desk, first = booked()
    if end_comes == "before":
        desk.put(ended(first, end))
    assert sent(passed(desk, "12:10", 2, "p2")) == ["confirmation"]
    if end_comes == "between":
        desk.put(ended(first, end))
    out = passed(desk, "12:20", 3, "p1")
    if end_comes == "after":
        out += desk.put(ended(first, end)) + desk.run_to(at("12:20"))
    assert (sent(out), planned(out)) == ([], ["reminder"])
    known = desk.event().texts[first.text.text_id]
    assert (known.state, known.end, known.plan_version) == ("ended", end, first.text.plan_version)


def test_who_comes_back_is_told_what_changed_meanwhile() -> None:
    desk, first = booked()
    desk.put(ended(first))
    passed(desk, "12:10", 2, "p2", starts_at=at("17:00"))
    passed(desk, "12:20", 3, "p1", starts_at=at("17:00"))
    [moved] = of(desk.run_to(at("12:22")), Delivery)
    assert (moved.text.person_id, moved.text.wording) == ("p1", "moved")


def test_days_after_its_last_change_it_is_still_news_to_who_gets_it() -> None:
    early, late = at("15:00", day=6), at("16:00", day=6)
    desk = Desk(accepts=False)
    desk.put(a_sign_up(), a_sign_up(sign_up_id="su2", person_id="p2"))
    assert sent(passed(desk, "12:00", 1, "p1", starts_at=early)) == ["confirmation"]
    assert sent(passed(desk, "12:00", 2, "p2", day=2, starts_at=early)) == ["confirmation"]
    passed(desk, "12:10", 3, "p2", day=2, starts_at=late)
    passed(desk, "12:00", 4, "p1", day=4, starts_at=late)
    [moved] = of(desk.run_to(at("12:02", day=4)), Delivery)
    assert (moved.text.person_id, moved.text.wording) == ("p1", "moved")


def test_what_is_called_back_names_whose_it_was() -> None:
    desk, first = booked()
    out = of(passed(desk, "12:10", 2, "p2"), Withdrawal)
    assert {gone.text.person_id for gone in out if gone.text.text_id == first.text.text_id} == {"p1"}


def test_who_was_told_of_a_move_is_not_told_again() -> None:
    desk, first = booked()
    desk.put(ended(first))
    passed(desk, "12:05", 2, "p1", starts_at=at("17:00"))
    [moved] = of(desk.run_to(at("12:07")), Delivery)
    desk.put(ended(moved))
    passed(desk, "12:10", 3, "p2", starts_at=at("17:00"))
    passed(desk, "12:20", 4, "p1", starts_at=at("17:00"))
    assert sent(desk.run_to(at("12:30"))) == []


def test_what_is_under_way_to_the_one_before_is_called_back_and_goes_if_they_come_back() -> None:
    desk, first = booked()
    out = passed(desk, "12:10", 2, "p2")
    assert ("confirmation", "nothing_new") in withdrawn(out)
    desk.put(ended(first, "suppressed"))
    [again] = of(passed(desk, "12:20", 3, "p1"), Delivery)
    assert again.text.text_id == first.text.text_id
    assert again.text.plan_version > first.text.plan_version


def test_what_the_one_before_turns_out_to_have_had_tells_the_next_nothing() -> None:
    """The release broke off before the row knew of it: open there, struck by the passing, and gone."""
    desk = Desk(accepts=False)
    desk.put(a_sign_up(sign_up_id="su2", person_id="p2"), a_booking_event())
    [waiting] = desk.texts("confirmation")
    passed(desk, "12:10", 2, "p2", starts_at=at("17:00"))
    desk.put(
        TextEnded(
            phone_ref=ref(PHONE),
            workspace_id="w1",
            event_id="b1",
            text_id=waiting.text_id,
            plan_version=waiting.plan_version,
            end="accepted",
            counted_ids=[f"{waiting.text_id}#1"],
            at=at("12:11"),
        )
    )
    assert sent(desk.run_to(at("12:30"))) == []
    told_by = [t.former_person_id for t in desk.texts("confirmation") if t.telling]
    assert told_by == ["p1", None]


def test_a_day_of_notice_under_way_is_of_whoever_has_the_booking() -> None:
    desk, first = booked()
    desk.put(ended(first))
    desk.run_to(at("14:00"))
    desk.put(a_booking_event(revision=2, day_of=DayOf(kind="place_changed")))
    assert sent(desk.run_to(at("14:00"))) == ["place_changed"]
    assert "place_changed" not in dict(withdrawn(passed(desk, "14:01", 3, "p2")))
