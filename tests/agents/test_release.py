"""Due texts: what goes, waits, is put off till morning or dropped, and how long each may go."""

from datetime import timedelta
from typing import Any

import pytest

from schemas.bookings import DayOf, DueText, ReplyDue, Tidy
from schemas.deliveries import Delivery, Withdrawal
from schemas.sms import CarrierBlock
from tests.desk import Desk, ended, of, sent, withdrawn
from tests.makers import (
    BRITISH_PHONE,
    PHONE,
    a_booking_event,
    a_change,
    a_setting,
    a_sign_up,
    an_sms,
    at,
    ref,
)

LATE = DayOf(kind="interviewer_late")


def booked(**settings: Any) -> Desk:
    desk = Desk(**settings)
    desk.put(a_booking_event(), a_sign_up())
    desk.run_to(at("12:00"))
    return desk


def revised(desk: Desk, when: str, revision: int, *, day: int = 0, **changes: Any) -> list[Any]:
    desk.run_to(at(when, day=day))
    return desk.put(a_booking_event(revision=revision, **changes)) + desk.run_to(at(when, day=day))


# A delivery says all that the sender needs


def test_a_delivery() -> None:
    [confirmation] = of(booked().out, Delivery)
    assert (confirmation.phone, confirmation.text.phone_ref) == (PHONE, ref(PHONE))
    assert (confirmation.starts_at, confirmation.counts_to_cap) == (at("15:00"), True)
    assert confirmation.consent_at == at("12:00")
    assert (confirmation.workspace_revision, confirmation.study_revision) == (1, 0)
    assert (confirmation.counted_ids, confirmation.reply_token) == ([], None)
    assert confirmation.text.segments == 1


# Consent


def test_without_consent_a_text_waits_and_goes_when_consent_comes() -> None:
    desk = Desk()
    desk.put(a_booking_event())
    assert sent(desk.run_to(at("13:00"))) == []
    assert sent(desk.put(a_sign_up(at=at("13:00")))) == ["confirmation"]


def test_without_consent_until_the_start_it_expires_with_what_it_waited_for() -> None:
    desk = Desk()
    desk.put(a_booking_event())
    dropped = of(desk.run_to(at("16:00")), Withdrawal)
    assert {(d.reason, d.waited_for) for d in dropped} == {("expired", "waiting_for_consent")}
    assert len(dropped) == 2


def test_consent_that_ended_drops_what_is_due() -> None:
    desk = booked()
    desk.put(a_change(action="withdraw", source="manage_page", evidence=None, event_id=None, at=at("13:00")))
    assert withdrawn(desk.run_to(at("15:00"))) == [("reminder", "consent_ended")]


def test_consent_for_a_phone_or_event_covers_no_other() -> None:
    desk = Desk()
    desk.put(a_booking_event(), a_sign_up(event_id="b2"), a_change(phone="+13308235502"))
    assert sent(desk.run_to(at("14:50"))) == []
    assert sent(desk.put(a_change(message_id="c2", scope="workspace", at=at("14:50")))) == ["confirmation"]


# STOP, hold, START


def test_after_a_stop_what_is_due_is_dropped() -> None:
    desk = booked()
    desk.put(an_sms("STOP"))
    assert withdrawn(desk.run_to(at("15:00"))) == [("reminder", "opted_out")]


def test_a_consent_after_a_stop_waits_for_start() -> None:
    desk = Desk(start_needs_list=False)
    desk.now = at("13:00")
    desk.put(an_sms("STOP"))
    desk.put(a_booking_event(), a_sign_up(at=at("13:10")))
    desk.run_to(at("13:20"))
    [confirmation] = desk.texts("confirmation")
    assert confirmation.waits_for == "waiting_for_start"
    desk.now = at("13:30")
    assert sent(desk.put(an_sms("START", received_at=at("13:30")))) == ["confirmation", "reply_start"]


def test_start_brings_back_no_consent_that_was_ended() -> None:
    desk = Desk(start_needs_list=False)
    desk.now = at("13:00")
    desk.put(an_sms("STOP"))
    desk.put(a_booking_event(), a_sign_up(at=at("13:10")))
    desk.run_to(at("13:20"))
    end = a_change(action="withdraw", source="staff", evidence=None, at=at("13:20"))
    assert withdrawn(desk.put(end)) == [("confirmation", "opted_out")]


def test_a_carrier_that_blocks_is_named() -> None:
    desk = booked()
    desk.put(CarrierBlock(phone_ref=ref(PHONE), text_id="a" * 32, posted_at=at("12:30")))
    assert withdrawn(desk.run_to(at("15:00"))) == [("reminder", "carrier_blocked")]


def test_a_held_phone_waits_until_somebody_answers() -> None:
    desk = booked(start_needs_list=False)
    desk.put(an_sms("can we stop a bit earlier tomorrow"))
    assert sent(desk.run_to(at("14:50"))) == []
    [reminder] = desk.texts("interview_reminder")
    assert reminder.waits_for == "held_unclear"
    desk.now = at("14:50")
    assert sent(desk.put(an_sms("START", received_at=at("14:50")))) == ["reminder", "reply_start"]


def test_stop_ends_what_was_held() -> None:
    desk = booked()
    desk.put(an_sms("can we stop a bit earlier tomorrow"))
    desk.run_to(at("14:50"))
    out = desk.put(an_sms("STOP", received_at=at("14:50")))
    assert withdrawn(out) == [("reminder", "opted_out")]


# Switches, countries


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        # off until an admin turns it on
        (None, "workspace_off"),
        (a_setting(value=False, revision=2), "workspace_off"),
        # the study's, whatever the kind of text
        (a_setting(study_id="s1", name="interview_reminder", value=False), "study_off"),
    ],
)
def test_switches_are_asked_when_a_text_is_released(setting: Any, reason: str) -> None:
    desk = Desk(on=setting is not None)
    if setting is not None:
        desk.put(setting)
    desk.put(a_booking_event(), a_sign_up())
    assert withdrawn(desk.run_to(at("12:00"))) == [("confirmation", reason)]
    desk.put(a_setting(revision=9), a_setting(study_id="s1", name="interview_reminder", revision=9))
    assert sent(desk.run_to(at("14:50"))) == ["reminder"], "what came due while off stays suppressed"


def test_another_study_stays_on() -> None:
    desk = Desk()
    desk.put(a_setting(study_id="s2", name="interview_reminder", value=False))
    desk.put(a_booking_event(), a_sign_up())
    assert sent(desk.run_to(at("12:00"))) == ["confirmation"]


def test_countries_are_judged_at_release() -> None:
    desk = Desk()
    desk.put(a_booking_event(phone=BRITISH_PHONE), a_sign_up(phone=BRITISH_PHONE))
    assert withdrawn(desk.run_to(at("12:00"))) == [("confirmation", "country_not_served")]
    abroad = Desk(countries=frozenset({"GB"}))
    abroad.put(a_booking_event(phone=BRITISH_PHONE), a_sign_up(phone=BRITISH_PHONE))
    assert sent(abroad.run_to(at("12:00"))) == ["confirmation"]


# Too late


def test_a_confirmation_goes_six_waking_hours_after_the_later_of_cause_and_consent() -> None:
    start = at("20:00", day=2)
    desk = Desk()
    desk.put(a_booking_event(starts_at=start))
    desk.run_to(at("16:00"))
    [confirmation] = of(desk.put(a_sign_up(at=at("16:00"))), Delivery)
    # 16:00 to 21:00 is five hours, the sixth begins at 8:00
    assert confirmation.not_after == at("09:00", day=1)


def test_a_change_goes_six_waking_hours_after_its_cause() -> None:
    desk = Desk()
    desk.put(a_booking_event(starts_at=at("20:00", day=2)), a_sign_up())
    desk.run_to(at("12:00"))
    revised(desk, "13:00", 2, starts_at=at("20:00", day=3))
    [moved] = of(desk.run_to(at("13:01")), Delivery)
    assert moved.not_after == at("19:00")


def test_a_text_whose_time_is_over_expires_though_its_consent_came() -> None:
    desk = Desk()
    desk.put(a_sign_up(), a_booking_event(starts_at=at("20:00", day=2)))
    desk.now = at("18:00:01")
    assert withdrawn(desk.run_to(at("18:00:01"))) == [("confirmation", "expired")]


def test_a_reminder_goes_late_but_never_after_the_start() -> None:
    desk = booked()
    desk.now = at("15:00")
    assert sent(desk.run_to(at("15:00"))) == ["reminder"]
    desk = booked()
    desk.now = at("15:00:01")
    assert withdrawn(desk.run_to(at("15:00:01"))) == [("reminder", "expired")]


def test_a_day_of_notice_goes_no_longer_than_a_day_after_its_cause() -> None:
    desk = Desk()
    desk.put(a_booking_event(starts_at=at("20:00", day=5)), a_sign_up())
    desk.run_to(at("12:00"))
    [notice] = of(revised(desk, "13:00", 2, starts_at=at("20:00", day=5), day_of=LATE), Delivery)
    assert notice.not_after == at("13:00", day=1)


# Quiet hours


def test_in_quiet_hours_a_change_waits_for_the_morning_and_is_judged_again_then() -> None:
    desk = Desk()
    desk.put(a_booking_event(starts_at=at("15:00", day=1)), a_sign_up())
    desk.run_to(at("12:00"))
    revised(desk, "22:00", 2, starts_at=at("16:00", day=1))
    assert sent(desk.run_to(at("07:59:59", day=1))) == []
    assert sent(desk.run_to(at("08:00", day=1))) == ["moved"]


def test_what_was_put_off_is_told_as_it_is_by_then() -> None:
    desk = Desk()
    desk.put(a_booking_event(starts_at=at("15:00", day=1)), a_sign_up())
    desk.run_to(at("12:00"))
    revised(desk, "22:00", 2, starts_at=at("16:00", day=1))
    desk.run_to(at("22:30"))
    revised(desk, "23:00", 3, starts_at=at("15:00", day=1))
    assert sent(desk.run_to(at("12:00", day=1))) == []


@pytest.mark.parametrize(
    ("old", "new", "waits"),
    [
        # the interview is after nine that morning
        ("15:00", "16:00", True),
        # the new one is before, or at, nine
        ("15:00", "08:30", False),
        ("15:00", "09:00", False),
        # the person is on the way to the old one by then
        ("08:30", "16:00", False),
    ],
)
def test_a_move_waits_only_for_a_late_morning(old: str, new: str, waits: bool) -> None:
    desk = Desk()
    desk.put(a_booking_event(starts_at=at(old, day=1)), a_sign_up())
    desk.run_to(at("12:00"))
    revised(desk, "22:00", 2, starts_at=at(new, day=1))
    assert (sent(desk.run_to(at("22:01"))) == []) == waits


def test_confirmations_and_reminders_go_at_night() -> None:
    desk = Desk(now=at("23:00"))
    desk.put(a_booking_event(starts_at=at("03:00", day=1)), a_sign_up(at=at("23:00")))
    assert sent(desk.run_to(at("03:00", day=1))) == ["confirmation", "reminder"]


def test_the_zone_is_the_participants_then_the_numbers() -> None:
    # 20:30 in New York is 17:30 in Los Angeles
    for zone, waits in (("America/New_York", True), ("America/Los_Angeles", False), (None, True)):
        desk = Desk()
        desk.put(a_booking_event(starts_at=at("20:00", day=1), zone=zone), a_sign_up())
        desk.run_to(at("12:00"))
        revised(desk, "21:30", 2, starts_at=at("21:00", day=1), zone=zone)
        assert (sent(desk.run_to(at("21:31"))) == []) == waits, zone


# Covered reminders


def test_booked_within_the_lead_there_is_no_reminder() -> None:
    desk = Desk(now=at("14:50"))
    desk.put(a_booking_event(), a_sign_up(at=at("14:50")))
    out = desk.run_to(at("15:00"))
    assert sent(out) == ["confirmation"]
    assert withdrawn(out) == [("reminder", "covered_by_confirmation")]


def test_moved_within_the_lead_there_is_no_reminder() -> None:
    desk = booked()
    out = revised(desk, "13:00", 2, starts_at=at("13:10"))
    assert sent(out) == ["moved"]
    assert withdrawn(out) == [("reminder", "moved"), ("reminder", "covered_by_change")]


def test_a_consent_within_the_lead_gives_the_confirmation_alone() -> None:
    desk = Desk()
    desk.put(a_booking_event())
    desk.run_to(at("14:50"))
    out = desk.put(a_sign_up(at=at("14:50")))
    assert sent(out) == ["confirmation"]
    assert withdrawn(out) == [("reminder", "covered_by_confirmation")]


def test_a_reminder_is_not_covered_by_a_text_that_did_not_go() -> None:
    desk = Desk(now=at("14:50"), accepts=False)
    desk.put(a_booking_event(), a_sign_up(at=at("14:50")))
    [tick] = [
        DueText(phone_ref=ref(PHONE), workspace_id="w1", event_id="b1", text_id=t.text_id)
        for t in desk.texts("confirmation")
    ]
    [confirmation] = of(desk.put(tick), Delivery)
    desk.put(ended(confirmation, "rejected"))
    assert sent(desk.run_to(at("14:51"))) == ["reminder"]


def test_a_reminder_is_not_covered_by_a_text_that_comes_too_late_itself() -> None:
    desk = Desk(leads=(timedelta(hours=8),), latest_after_cause=timedelta(hours=1))
    desk.put(a_booking_event(starts_at=at("17:00")), a_sign_up())
    desk.now = at("13:30")
    out = desk.run_to(at("13:30"))
    assert sent(out) == ["reminder"]
    assert withdrawn(out) == [("confirmation", "expired")]


def test_a_reminder_is_covered_only_by_a_text_about_its_start() -> None:
    desk = booked(leads=(timedelta(hours=6),))
    out = revised(desk, "12:30", 2, starts_at=at("18:00"))
    assert withdrawn(out) == [("reminder", "covered_by_change")], "the confirmation spoke of another start"


def test_a_move_put_off_till_morning_covers_a_reminder_a_day_ahead() -> None:
    desk = Desk(leads=(timedelta(hours=24), timedelta(minutes=15)))
    desk.put(a_booking_event(starts_at=at("18:00", day=3)), a_sign_up())
    desk.run_to(at("12:00"))
    out = revised(desk, "23:00", 2, starts_at=at("20:00", day=1)) + desk.run_to(at("23:02"))
    assert ("reminder", "covered_by_change") in withdrawn(out)
    assert sent(out) == []


# Six texts


def crowded(count: int, **settings: Any) -> Desk:
    """A desk with this many texts gone, the confirmation first, and the reminder still to come."""
    desk = booked(**settings)
    for n in range(2, count + 1):
        revised(desk, "12:10", n, day_of=DayOf(kind="materials_needed", notice_id=f"n{n}"))
    assert len(desk.event().counted_ids) == count
    return desk


def test_a_notice_leaves_a_slot_for_the_reminder_and_one_for_a_change() -> None:
    desk = crowded(4)
    out = revised(desk, "12:20", 9, day_of=DayOf(kind="place_changed"))
    assert withdrawn(out) == [("place_changed", "capped")]
    revised(desk, "13:00", 10, starts_at=at("16:00"))
    assert sent(desk.run_to(at("13:01"))) == ["moved_last"]
    revised(desk, "13:10", 11, starts_at=at("17:00"))
    assert withdrawn(desk.run_to(at("13:11"))) == [("moved", "capped")]
    assert sent(desk.run_to(at("17:00"))) == ["reminder"]


def test_a_cancellation_may_take_the_reminders_slot() -> None:
    desk = crowded(4)
    revised(desk, "13:00", 10, starts_at=at("16:00"))
    desk.run_to(at("13:01"))
    revised(desk, "13:10", 11, status="cancelled", starts_at=at("16:00"))
    assert sent(desk.run_to(at("13:11"))) == ["cancelled"]


def test_once_the_reminder_is_gone_its_slot_is_free() -> None:
    desk = crowded(4)
    desk.run_to(at("14:45"))
    out = revised(desk, "14:50", 20, day_of=LATE)
    assert withdrawn(out) == [("interviewer_late", "capped")], "the change's slot is kept still"
    assert sent(revised(desk, "14:51", 21, status="cancelled")) == ["cancelled"]


def test_the_last_move_is_the_one_after_which_none_could_be_told() -> None:
    desk = booked()
    wordings = []
    for n in range(2, 8):
        out = revised(desk, f"12:{n}0" if n < 6 else f"13:{n - 6}0", n, starts_at=at(f"{n + 14}:00"))
        wordings += [m.text.wording for m in of(out + desk.run_to(desk.now + timedelta(minutes=2)), Delivery)]
    assert wordings == ["moved", "moved", "moved", "moved_last"]


def test_an_earlier_reminder_leaves_slots_for_the_last_one_and_a_change() -> None:
    leads = (timedelta(hours=2), timedelta(minutes=15))
    desk = crowded(4, leads=leads)
    assert withdrawn(desk.run_to(at("13:00"))) == [("reminder", "capped")]
    assert sent(desk.run_to(at("14:45"))) == ["reminder"]


def test_a_try_proven_not_sent_leaves_the_count() -> None:
    desk = booked(accepts=False)
    [confirmation] = of(desk.out, Delivery)
    assert desk.event().counted_ids == (f"{confirmation.text.text_id}#1",)
    desk.put(ended(confirmation, "suppressed"))
    assert desk.event().counted_ids == ()


# Ticks


def tick_of(desk: Desk, kind: str, **changes: Any) -> DueText:
    fields = {
        "phone_ref": ref(PHONE),
        "workspace_id": "w1",
        "event_id": "b1",
        "text_id": desk.texts(kind)[0].text_id,
    }
    return DueText(**{**fields, **changes})


def test_ticks_that_come_too_often_too_early_or_for_nothing_change_nothing() -> None:
    desk = booked()
    before = desk.event()
    assert desk.put(tick_of(desk, "confirmation")) == []
    assert desk.put(tick_of(desk, "interview_reminder")) == []
    assert desk.put(tick_of(desk, "confirmation", text_id="a" * 32)) == []
    assert desk.put(tick_of(desk, "confirmation", event_id="b9")) == []
    assert desk.put(tick_of(desk, "confirmation", phone_ref="0" * 32)) == []
    assert desk.event() == before


def test_a_waiting_text_that_still_waits_is_not_written_again() -> None:
    desk = Desk()
    desk.put(a_booking_event())
    desk.run_to(at("12:00"))
    before = desk.tables.bookings[ref(PHONE)]
    desk.put(tick_of(desk, "confirmation"))
    assert desk.tables.bookings[ref(PHONE)] is before


def test_until_the_inputs_are_read_a_due_text_is_set_due_again() -> None:
    desk = booked()
    desk.now, desk.caught_up = at("14:50"), False
    assert desk.put(tick_of(desk, "interview_reminder")) == []
    desk.put(a_booking_event(revision=2, status="cancelled"))
    desk.caught_up = True
    assert sent(desk.run_to(at("14:50"))) == ["cancelled"]


def test_a_waiting_text_nudged_before_the_inputs_are_read_is_judged_after() -> None:
    desk = Desk()
    desk.put(a_booking_event())
    desk.run_to(at("12:10"))
    desk.caught_up = False
    assert sent(desk.put(a_sign_up(at=at("12:10")))) == []
    desk.caught_up = True
    assert sent(desk.run_to(at("12:10"))) == ["confirmation"]


def test_rows_go_when_their_events_are_long_over() -> None:
    desk = booked()
    desk.put(a_booking_event(booking_id="b2", starts_at=at("15:00", day=2)))
    desk.run_to(at("14:59", day=30))
    assert desk.put(Tidy(phone_ref=ref(PHONE))) == []
    assert len(desk.tables.bookings[ref(PHONE)].events) == 2
    desk.run_to(at("16:00", day=31))
    assert list(desk.tables.bookings[ref(PHONE)].events) == ["w1/b2"]
    desk.run_to(at("16:00", day=40))
    assert desk.tables.bookings == {}
    assert desk.put(Tidy(phone_ref=ref(PHONE))) == []


def test_open_texts_outlive_a_tidy_that_comes_first() -> None:
    desk = booked()
    desk.now = at("15:00", day=40)
    desk.put(Tidy(phone_ref=ref(PHONE)))
    assert withdrawn(desk.run_to(desk.now)) == [("reminder", "expired")]


# Answers


def test_an_answer_skips_the_gate_and_names_the_booking() -> None:
    desk = Desk(on=False)
    desk.put(a_booking_event())
    [answer] = of(desk.put(_reply("help", event_id="b1", workspace_id="w1")), Delivery)
    assert (answer.reply_token, answer.counts_to_cap, answer.consent_id) == ("u1", False, None)
    assert answer.not_after == at("12:05")
    assert "/m/" in answer.body
    assert answer.text.booking_id == "b1"


@pytest.mark.parametrize("where", [{}, {"workspace_id": "w1", "event_id": "b9"}])
def test_an_answer_without_a_booking_has_the_contact_in_place_of_the_link(where: dict[str, str]) -> None:
    [answer] = of(Desk().put(_reply("help", **where)), Delivery)
    assert "/m/" not in answer.body
    assert "help@example.org" in answer.body


def test_an_answer_that_comes_too_late_expires() -> None:
    desk = Desk(now=at("12:05:01"))
    out = desk.put(_reply("stop"))
    assert withdrawn(out) == [("reply_stop", "expired")]
    assert sent(out) == []


def _reply(answer: Any, **where: str) -> ReplyDue:
    places = {"workspace_id": None, "event_id": None, **where}
    return ReplyDue(
        phone=PHONE, phone_ref=ref(PHONE), inbound_uuid="u1", answer=answer, received_at=at("12:00"), **places
    )
