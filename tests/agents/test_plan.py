"""What is planned, changed and struck as a booking's life goes on, told from outside: what the phone gets."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from rules.refused import Refused
from schemas.bookings import BookingEvent, BookingState, DayOf, TextEnded
from schemas.deliveries import Delivery, Withdrawal
from tests.desk import Desk, ended, of, planned, sent, withdrawn
from tests.makers import PHONE, a_booking, a_booking_event, a_sign_up, at, ref

LATE = DayOf(kind="interviewer_late", notice_id="n1")


def booked(**settings: Any) -> Desk:
    """A desk with a booking at 15:00, made at noon, consented to and confirmed."""
    desk = Desk(**settings)
    desk.put(a_booking_event(), a_sign_up())
    desk.run_to(at("12:00"))
    return desk


def revised(desk: Desk, when: str, revision: int, **changes: Any) -> list[Any]:
    """What a later record of the booking causes at once."""
    desk.run_to(at(when))
    return desk.put(a_booking_event(revision=revision, **changes)) + desk.run_to(at(when))


def test_a_booking_gets_its_confirmation_at_once_and_its_reminder_a_quarter_before() -> None:
    desk = Desk()
    assert planned(desk.put(a_booking_event(), a_sign_up())) == ["confirmation", "reminder"]
    assert sent(desk.run_to(at("14:44:59"))) == ["confirmation"]
    [reminder] = of(desk.run_to(at("14:45")), Delivery)
    assert (reminder.text.wording, reminder.not_after) == ("reminder", at("15:00"))
    assert desk.run_to(at("16:00")) == []


def test_leads_are_a_list() -> None:
    desk = booked(leads=(timedelta(hours=1), timedelta(minutes=15)))
    assert sent(desk.run_to(at("14:00"))) == ["reminder"]
    assert sent(desk.run_to(at("14:45"))) == ["reminder"]


# Moves and cancellations settle


def test_a_move_is_told_once_it_settled_and_the_reminder_moves() -> None:
    desk = booked()
    out = revised(desk, "13:00", 2, starts_at=at("16:00"))
    assert withdrawn(out) == [("reminder", "moved")]
    assert desk.run_to(at("13:00:59")) == []
    [moved] = of(desk.run_to(at("13:01")), Delivery)
    assert "moved to Tue Nov 24, 4:00 PM EST" in moved.body
    assert moved.not_after == at("16:00")
    assert sent(desk.run_to(at("15:45"))) == ["reminder"]


def test_moves_in_quick_succession_give_one_text_with_the_last_time() -> None:
    desk = booked()
    revised(desk, "13:00", 2, starts_at=at("16:00"))
    out = revised(desk, "13:00:40", 3, starts_at=at("17:00"))
    assert ("moved", "coalesced") in withdrawn(out)
    assert desk.run_to(at("13:00:59")) == []
    [moved] = of(desk.run_to(at("13:01")), Delivery)
    assert "5:00 PM" in moved.body
    assert sent(desk.run_to(at("13:10"))) == []


@pytest.mark.parametrize(
    ("when", "start", "at_once"),
    [
        # both starts far: it settles
        ("13:00", "16:00", False),
        # the old start is near
        ("14:31", "18:00", True),
        # the new one is
        ("13:00", "13:29", True),
        # exactly the half hour is not "under"
        ("14:30", "18:00", False),
    ],
)
def test_near_a_start_a_change_goes_at_once(when: str, start: str, at_once: bool) -> None:
    desk = booked()
    out = revised(desk, when, 2, starts_at=at(start))
    assert (sent(out) == ["moved"]) == at_once


def test_a_move_and_back_tells_nothing_and_keeps_one_reminder() -> None:
    desk = booked()
    revised(desk, "13:00", 2, starts_at=at("16:00"))
    out = revised(desk, "13:00:30", 3)
    assert withdrawn(out) == [("moved", "nothing_new"), ("reminder", "moved")]
    assert planned(out) == ["reminder"]
    assert sent(desk.run_to(at("15:00"))) == ["reminder"]


def test_a_move_told_and_moved_back_is_told_again() -> None:
    desk = booked()
    revised(desk, "13:00", 2, starts_at=at("16:00"))
    desk.run_to(at("13:05"))
    revised(desk, "13:10", 3)
    assert sent(desk.run_to(at("13:20"))) == ["moved"]
    assert sent(desk.run_to(at("15:00"))) == ["reminder"]


def test_a_reminder_under_way_is_called_back_by_a_move_and_comes_again_if_that_is_taken_back() -> None:
    desk = booked(accepts=False)
    [confirmation] = of(desk.out, Delivery)
    desk.put(ended(confirmation))
    [reminder] = of(desk.run_to(at("14:45")), Delivery)
    out = revised(desk, "14:46", 2, starts_at=at("18:00"))
    assert ("reminder", "moved") in withdrawn(out)
    [moved] = of(out, Delivery)
    desk.put(ended(moved, "suppressed"))
    out = revised(desk, "14:47", 3)
    assert sent(out) == [], "its first version is still under way"
    out = desk.put(ended(reminder, "suppressed"))
    assert planned(out) == ["reminder"]
    [again] = of(desk.run_to(at("14:47")), Delivery)
    assert again.text.text_id == reminder.text.text_id
    assert again.text.plan_version > reminder.text.plan_version


def test_a_cancellation_speaks_of_the_start_the_person_knows() -> None:
    desk = booked()
    out = revised(desk, "13:00", 2, status="cancelled", starts_at=at("16:00"))
    assert withdrawn(out) == [("reminder", "cancelled")]
    [cancelled] = of(desk.run_to(at("13:01")), Delivery)
    assert "on Tue Nov 24, 3:00 PM EST is cancelled" in cancelled.body
    assert cancelled.not_after == at("15:15")
    assert sent(desk.run_to(at("16:00"))) == []


def test_another_start_of_a_cancelled_booking_is_no_news() -> None:
    desk = booked()
    revised(desk, "13:00", 2, status="cancelled")
    desk.run_to(at("13:05"))
    revised(desk, "13:10", 3, status="cancelled", starts_at=at("18:00"))
    assert desk.run_to(at("14:00")) == []


def test_cancelled_before_its_confirmation_went_neither_is_sent() -> None:
    desk = Desk()
    desk.put(a_booking_event())
    desk.run_to(at("12:30"))
    out = revised(desk, "12:30", 2, status="cancelled")
    assert withdrawn(out) == [("confirmation", "cancelled"), ("reminder", "cancelled")]
    desk.put(a_sign_up())
    assert sent(desk.run_to(at("15:00"))) == []


def test_a_cancel_that_comes_before_its_booking_holds() -> None:
    desk = Desk()
    desk.put(a_sign_up(), a_booking_event(revision=2, status="cancelled"))
    desk.put(a_booking_event())
    assert sent(desk.run_to(at("16:00"))) == []


def test_a_booking_made_anew_after_a_told_cancellation_is_a_change() -> None:
    desk = booked()
    revised(desk, "13:00", 2, status="cancelled")
    desk.run_to(at("13:05"))
    revised(desk, "13:10", 3)
    assert sent(desk.run_to(at("13:11"))) == ["moved"]
    assert sent(desk.run_to(at("14:45"))) == ["reminder"]


def test_a_booking_made_anew_after_a_cancellation_that_nobody_was_told_of_gets_its_confirmation() -> None:
    desk = Desk()
    desk.put(a_booking_event())
    revised(desk, "12:10", 2, status="cancelled")
    desk.put(a_sign_up())
    assert sent(revised(desk, "12:20", 3)) == ["confirmation"]


def test_a_move_while_the_confirmation_waits_changes_the_confirmation() -> None:
    desk = Desk()
    desk.put(a_booking_event())
    assert planned(revised(desk, "12:10", 2, starts_at=at("16:00"))) == ["reminder"]
    [confirmation] = of(desk.put(a_sign_up()) + desk.run_to(at("12:10")), Delivery)
    assert "booked, Tue Nov 24, 4:00 PM" in confirmation.body


def test_a_move_catches_the_confirmation_on_its_way_and_takes_its_place() -> None:
    desk = booked(accepts=False)
    [confirmation] = of(desk.out, Delivery)
    out = revised(desk, "12:05", 2, starts_at=at("16:00"))
    assert ("confirmation", "moved") in withdrawn(out)
    out = desk.put(ended(confirmation, "suppressed")) + desk.run_to(at("12:05:30"))
    assert withdrawn(out) == [("moved", "nothing_new")]
    assert sent(out) == ["confirmation"]


def test_a_confirmation_that_could_not_go_leaves_the_person_with_their_booking() -> None:
    desk = booked(accepts=False)
    [confirmation] = of(desk.out, Delivery)
    desk.put(ended(confirmation, "expired"))
    assert sent(desk.run_to(at("12:30"))) == []
    revised(desk, "13:00", 2, starts_at=at("16:00"))
    assert sent(desk.run_to(at("13:01"))) == ["moved"]


@pytest.mark.parametrize(
    ("end", "told_again"),
    [
        # it may have been read
        ("accepted", True),
        ("unresolved", True),
        # it was not: the person still knows the old start, and nothing is to be told
        ("suppressed", False),
        ("expired", False),
        ("rejected", False),
    ],
)
def test_what_counts_as_told(end: str, told_again: bool) -> None:
    desk = booked(accepts=False)
    desk.put(ended(of(desk.out, Delivery)[0]))
    revised(desk, "13:00", 2, starts_at=at("16:00"))
    [moved] = of(desk.run_to(at("13:01")), Delivery)
    desk.put(ended(moved, end))
    revised(desk, "13:10", 3)
    assert (sent(desk.run_to(at("13:30"))) == ["moved"]) == told_again


def test_a_suppressed_move_stays_suppressed_though_the_booking_is_revised() -> None:
    desk = booked(accepts=False)
    desk.put(ended(of(desk.out, Delivery)[0]))
    revised(desk, "13:00", 2, starts_at=at("16:00"))
    [moved] = of(desk.run_to(at("13:01")), Delivery)
    desk.put(ended(moved, "suppressed"))
    revised(desk, "13:10", 3, starts_at=at("16:00"), join_url="https://meet.example/2")
    assert sent(desk.run_to(at("14:00"))) == []


def test_a_lower_or_equal_revision_changes_nothing() -> None:
    desk = booked()
    revised(desk, "13:00", 5, starts_at=at("16:00"))
    assert revised(desk, "13:00:10", 5, starts_at=at("17:00")) == []
    assert revised(desk, "13:00:20", 4, starts_at=at("18:00")) == []


# Taken over, replaced, of another person


def test_a_state_that_the_row_has_or_is_beyond_changes_nothing() -> None:
    """Messages between agents are repeated and overtaken too, after a crash."""
    desk, first, second = Desk(), _state(1), _state(2, starts_at=at("16:00"))
    desk.put(a_sign_up(), first, second)
    row = desk.event()
    assert desk.put(second) == desk.put(first) == []
    assert desk.event() == row


def _state(version: int, **changes: Any) -> BookingState:
    booking = a_booking(revision=version, **changes)
    return BookingState(
        phone=PHONE, phone_ref=ref(PHONE), version=version, awaits_handover=False, news=None, booking=booking
    )


def test_announce_false_counts_as_told() -> None:
    desk = Desk()
    out = desk.put(a_booking_event(announce=False), a_sign_up())
    assert planned(out) == ["reminder"]
    revised(desk, "13:00", 2, starts_at=at("16:00"))
    assert sent(desk.run_to(at("13:01"))) == ["moved"]
    assert sent(desk.run_to(at("16:00"))) == ["reminder"]


def test_announce_false_takes_back_what_upstream_says_itself() -> None:
    desk = booked()
    revised(desk, "13:00", 2, starts_at=at("16:00"))
    out = revised(desk, "13:00:30", 3, starts_at=at("16:00"), announce=False)
    assert withdrawn(out) == [("moved", "nothing_new")]


def test_announce_false_within_the_lead_counts_as_covered() -> None:
    desk = Desk(now=at("14:50"))
    desk.put(a_booking_event(announce=False), a_sign_up())
    assert withdrawn(desk.run_to(at("15:00"))) == [("reminder", "covered_by_confirmation")]


def replacing(**changes: Any) -> BookingEvent:
    return a_booking_event(booking_id="b2", event_id="b1", replaces_booking_id="b1", **changes)


def test_cancel_and_new_is_a_move() -> None:
    desk = booked()
    revised(desk, "13:00", 2, status="cancelled")
    desk.put(replacing(starts_at=at("17:00")))
    [moved] = of(desk.run_to(at("13:05")), Delivery)
    assert "moved to Tue Nov 24, 5:00 PM" in moved.body
    assert moved.text.booking_id == "b2"


def test_late_records_of_a_replaced_booking_change_nothing() -> None:
    desk = booked()
    desk.run_to(at("13:00"))
    desk.put(replacing())
    assert revised(desk, "13:10", 2, status="cancelled") == []
    assert sent(desk.run_to(at("15:00"))) == ["reminder"]


def test_another_person_gets_a_confirmation_of_their_own() -> None:
    desk = booked()
    desk.put(a_sign_up(sign_up_id="su2", person_id="p2"))
    out = revised(desk, "13:00", 2, person_id="p2")
    assert sent(out) == ["confirmation"]
    assert sent(desk.run_to(at("15:00"))) == ["reminder"]


def test_another_person_ends_what_upstream_announced() -> None:
    desk = Desk()
    desk.put(a_booking_event(announce=False), a_sign_up(), a_sign_up(sign_up_id="su2", person_id="p2"))
    assert sent(revised(desk, "13:00", 2, person_id="p2")) == ["confirmation"]


# Day-of notices


def test_a_day_of_notice_goes_at_once_and_not_again_with_later_records() -> None:
    desk = booked()
    out = revised(desk, "14:30", 2, day_of=LATE)
    [late] = of(out, Delivery)
    assert (late.text.wording, late.not_after) == ("interviewer_late", at("15:15"))
    assert revised(desk, "14:31", 3, day_of=LATE) == []
    assert revised(desk, "14:32", 4) == []
    assert revised(desk, "14:33", 5, day_of=LATE) == []
    again = DayOf(kind="interviewer_late", notice_id="n2")
    assert sent(revised(desk, "14:34", 6, day_of=again)) == ["interviewer_late"]


def test_one_open_notice_of_a_kind() -> None:
    desk = Desk()
    desk.put(a_booking_event(day_of=LATE))
    out = revised(desk, "12:10", 2, day_of=DayOf(kind="interviewer_late", notice_id="n2"))
    assert withdrawn(out) == [("interviewer_late", "coalesced")]
    out = revised(desk, "12:20", 3, day_of=DayOf(kind="place_changed"))
    assert withdrawn(out) == []
    assert sorted(sent(desk.put(a_sign_up()))) == ["confirmation", "interviewer_late", "place_changed"]


def test_a_notice_ends_with_the_start_it_was_for() -> None:
    desk = Desk()
    desk.put(a_booking_event(day_of=LATE))
    out = revised(desk, "12:10", 2, starts_at=at("17:00"), day_of=LATE)
    assert ("interviewer_late", "moved") in withdrawn(out)
    desk.put(a_booking_event(revision=3, starts_at=at("17:00"), day_of=DayOf(kind="place_changed")))
    out = revised(desk, "12:20", 4, status="cancelled", starts_at=at("17:00"))
    assert ("place_changed", "cancelled") in withdrawn(out)


def test_a_notice_under_way_is_called_back_by_a_cancellation() -> None:
    desk = booked(accepts=False)
    revised(desk, "14:30", 2, day_of=LATE)
    out = revised(desk, "14:31", 3, status="cancelled", day_of=LATE)
    assert ("interviewer_late", "cancelled") in withdrawn(out)


def test_a_cancellation_under_way_is_called_back_by_a_booking_made_anew() -> None:
    desk = booked(accepts=False)
    desk.put(ended(of(desk.out, Delivery)[0]))
    revised(desk, "13:00", 2, status="cancelled")
    desk.run_to(at("13:01"))
    out = revised(desk, "13:02", 3, starts_at=at("17:00"))
    assert ("cancelled", "coalesced") in withdrawn(out)
    assert revised(desk, "13:02:10", 4, starts_at=at("17:00"), join_url="https://meet.example/3") == []


# Ends


def test_ends_that_the_row_does_not_know_of_change_nothing() -> None:
    desk = booked(accepts=False)
    [confirmation] = of(desk.out, Delivery)
    end = ended(confirmation)
    assert desk.put(end) == []
    row = desk.event()
    assert desk.put(end) == []
    assert desk.event() == row
    assert desk.put(replace(end, event_id="b9")) == []
    assert desk.put(replace(end, phone_ref="0" * 32)) == []


def test_an_earlier_version_that_turns_out_to_have_gone_takes_the_open_one_back() -> None:
    desk = booked()
    [first] = desk.texts("interview_reminder")
    revised(desk, "13:00", 2, starts_at=at("16:00"))
    revised(desk, "13:00:20", 3)
    [open_one] = [t for t in desk.texts("interview_reminder") if t.state == "planned"]
    assert open_one.text_id == first.text_id
    end = _end_of(desk, first.text_id, first.plan_version)
    out = desk.put(end)
    assert [(m.text.plan_version, m.reason) for m in of(out, Withdrawal)] == [(3, "nothing_new")]
    assert sent(desk.run_to(at("15:00"))) == []


@pytest.mark.parametrize("word", ["accepted", "rejected"])
def test_what_a_person_settled_is_told_twice_and_counts_once(word: str) -> None:
    """Unresolved first, then a person's word, which a replay of the journal tells again."""
    desk = booked(accepts=False)
    [confirmation] = desk.texts("confirmation")
    unresolved = _end_of(desk, confirmation.text_id, 1, "unresolved")
    desk.put(replace(unresolved, counted_ids=[f"{confirmation.text_id}#1"]))
    settled = _end_of(desk, confirmation.text_id, 1, word)
    out, row = desk.put(settled), desk.event()
    assert sent(out) == []
    assert row.counted_ids == tuple(settled.counted_ids)
    assert desk.put(settled) == []
    assert desk.event() == row
    revised(desk, "13:00", 2, starts_at=at("16:00"))
    assert sent(desk.put(settled)) == []
    assert sent(desk.run_to(at("13:01"))) == ["moved"]


def test_an_earlier_version_that_ended_unsent_leaves_the_open_one_alone() -> None:
    desk = booked()
    [first] = desk.texts("interview_reminder")
    revised(desk, "13:00", 2, starts_at=at("16:00"))
    revised(desk, "13:00:20", 3)
    assert desk.put(_end_of(desk, first.text_id, 1, "suppressed")) == []
    assert sent(desk.run_to(at("15:00"))) == ["reminder"]


def test_an_announcement_that_went_though_the_row_had_dropped_it_counts_as_told() -> None:
    desk = booked()
    [confirmation] = desk.texts("confirmation")
    desk.put(_end_of(desk, confirmation.text_id, 1, "suppressed"))
    desk.put(_end_of(desk, confirmation.text_id, 1))
    revised(desk, "13:00", 2, starts_at=at("16:00"))
    assert sent(desk.run_to(at("13:01"))) == ["moved"]


@pytest.mark.parametrize("found_out", [True, False])
def test_what_went_though_its_release_broke_off_was_said_before_what_was_planned_later(
    found_out: bool,
) -> None:
    """The row heard of it after the later text: what the phone was told last is still that later one."""
    desk = booked()
    revised(desk, "13:00", 2, status="cancelled")
    [cancelled] = desk.texts("schedule_change")
    revised(desk, "13:00:30", 3, starts_at=at("16:00"))
    assert sent(desk.run_to(at("13:02"))) == ["moved"]
    if found_out:
        desk.put(_end_of(desk, cancelled.text_id, cancelled.plan_version))
    assert [t.telling for t in desk.texts("schedule_change") if t.telling] == ([2, 3] if found_out else [2])
    revised(desk, "13:30", 4, starts_at=at("16:00"), status="cancelled")
    assert sent(desk.run_to(at("13:31"))) == ["cancelled"]


def test_what_went_though_its_release_broke_off_may_stand_before_what_upstream_said() -> None:
    desk = booked()
    revised(desk, "13:00", 2, status="cancelled")
    [cancelled] = desk.texts("schedule_change")
    revised(desk, "13:00:20", 3, starts_at=at("16:00"))
    desk.run_to(at("13:02"))
    revised(desk, "13:10", 4, starts_at=at("17:00"), announce=False)
    desk.put(_end_of(desk, cancelled.text_id, cancelled.plan_version))
    revised(desk, "13:30", 5, starts_at=at("16:00"))
    assert sent(desk.run_to(at("13:31"))) == ["moved"]


def _end_of(desk: Desk, text_id: str, version: int, end: Any = "accepted") -> Any:
    return TextEnded(
        phone_ref=next(iter(desk.tables.bookings)),
        workspace_id="w1",
        event_id="b1",
        text_id=text_id,
        plan_version=version,
        end=end,
        counted_ids=[f"{text_id}#1"] if end == "accepted" else [],
        at=desk.now,
    )


def test_an_end_told_again_after_another_text_went_changes_nothing() -> None:
    desk = booked()
    [confirmation] = desk.texts("confirmation")
    revised(desk, "13:00", 2, day_of=LATE)
    row = desk.event()
    assert len(row.counted_ids) == 2
    assert desk.put(_end_of(desk, confirmation.text_id, 1)) == []
    assert desk.event() == row


def test_an_end_of_a_text_the_row_forgot_still_counts_to_the_cap() -> None:
    desk = booked()
    desk.put(_end_of(desk, "a" * 32, 1))
    assert f"{'a' * 32}#1" in desk.event().counted_ids


def test_a_phone_with_sixty_events_to_come_takes_no_more() -> None:
    desk = Desk()
    for n in range(60):
        desk.put(a_booking_event(booking_id=f"b{n}"))
    with pytest.raises(Refused, match="60 other events"):
        desk.put(a_booking_event(booking_id="b60"))
    desk.run_to(at("16:00"))
    desk.put(a_booking_event(booking_id="b61", starts_at=at("18:00")))
    assert len(next(iter(desk.tables.bookings.values())).events) == 60
