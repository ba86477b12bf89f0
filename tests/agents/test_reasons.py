"""Every reason of the closed lists comes out of a case, and has its example for people."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, get_args

import pytest

from rules import examples, sentences
from schemas.bookings import DayOf
from schemas.deliveries import Withdrawal
from schemas.reasons import Suppression, Waiting
from schemas.sms import CarrierBlock
from tests.desk import Desk, of
from tests.makers import (
    BRITISH_PHONE,
    OTHER_PHONE,
    PHONE,
    a_booking_event,
    a_change,
    a_setting,
    a_sign_up,
    an_sms,
    at,
    ref,
)


def booked(**settings: Any) -> Desk:
    """Booked at noon for 15:00, consented to and confirmed."""
    desk = Desk(**settings)
    desk.put(a_booking_event(), a_sign_up())
    desk.run_to(at("12:00"))
    return desk


def then(when: str, *records: Any) -> Desk:
    """What comes after the confirmation, and all that follows until the evening."""
    desk = booked()
    desk.run_to(at(when))
    desk.put(*records)
    desk.run_to(at("20:00"))
    return desk


def moved(revision: int, start: str, **changes: Any) -> Any:
    return a_booking_event(revision=revision, starts_at=at(start), **changes)


def blocked() -> Desk:
    desk = booked()
    text = desk.texts("confirmation")[0].text_id
    desk.put(CarrierBlock(phone_ref=ref(PHONE), text_id=text, posted_at=at("12:00")))
    desk.run_to(at("16:00"))
    return desk


def capped() -> Desk:
    desk = booked()
    for n in range(2, 7):
        desk.run_to(at("12:00") + timedelta(minutes=n))
        desk.put(a_booking_event(revision=n, day_of=DayOf(kind="place_changed", notice_id=f"n{n}")))
    desk.run_to(at("14:00"))
    return desk


def unserved() -> Desk:
    desk = Desk()
    desk.put(a_booking_event(phone=BRITISH_PHONE), a_sign_up(phone=BRITISH_PHONE))
    desk.run_to(at("16:00"))
    return desk


def booked_late() -> Desk:
    desk = Desk(now=at("14:50"))
    desk.put(a_booking_event(), a_sign_up(at=at("14:50")))
    desk.run_to(at("16:00"))
    return desk


def back_and_forth() -> Desk:
    desk = booked()
    desk.put(moved(2, "16:00"))
    desk.run_to(at("12:00:30"))
    desk.put(moved(3, "15:00"))
    desk.run_to(at("16:00"))
    return desk


def moved_twice() -> Desk:
    desk = booked()
    desk.put(moved(2, "16:00"))
    desk.run_to(at("12:00:30"))
    desk.put(moved(3, "17:00"))
    desk.run_to(at("18:00"))
    return desk


def unread() -> Desk:
    desk = Desk()
    desk.put(a_booking_event())
    desk.run_to(at("16:00"))
    return desk


def removal() -> Any:
    return a_change(action="withdraw", source="manage_page", evidence=None, event_id=None, at=at("13:00"))


# each row: a reason of the worker, and a case that ends in it
ENDS: dict[str, Callable[[], Desk]] = {
    # STOP at one o'clock, the reminder is due later
    "opted_out": lambda: then("13:00", an_sms("STOP")),
    # the carrier knew of a STOP that we did not
    "carrier_blocked": blocked,
    # removed by the participant
    "consent_ended": lambda: then("13:00", removal()),
    # switched off before the reminder is due
    "workspace_off": lambda: then("13:00", a_setting(value=False, revision=2)),
    "study_off": lambda: then("13:00", a_setting(study_id="s1", name="interview_reminder", value=False)),
    # notices stop where the kept places begin
    "capped": capped,
    # +44
    "country_not_served": unserved,
    # booked, and moved, inside the lead
    "covered_by_confirmation": booked_late,
    "covered_by_change": lambda: then("14:40", moved(2, "14:52")),
    # to four and back to three within the minute
    "nothing_new": back_and_forth,
    # to four, then to five within the minute
    "coalesced": moved_twice,
    # the reminder of the old start
    "moved": lambda: then("13:00", moved(2, "16:00")),
    "cancelled": lambda: then("13:00", a_booking_event(revision=2, status="cancelled")),
    "phone_changed": lambda: then("13:00", a_booking_event(revision=2, phone=OTHER_PHONE)),
    # nobody consented until the start
    "expired": unread,
}
BY_THE_SENDER = {"no_consent", "test_only", "token_used", "erased", "held_unclear"}

WAITS: dict[str, Callable[[], Desk]] = {
    # nobody has consented yet
    "waiting_for_consent": lambda: _at_noon(a_booking_event()),
    # STOP before, consent now
    "waiting_for_start": lambda: _at_noon(
        an_sms("STOP", received_at=at("11:00")), a_booking_event(), a_sign_up()
    ),
    # an unclear reply
    "held_unclear": lambda: _at_noon(
        an_sms("can we stop a bit earlier", received_at=at("11:50")), a_booking_event(), a_sign_up()
    ),
}
BETWEEN_ROWS = {"waiting_for_handover"}
"""Lasts only until another message is read: see test_match."""


def _at_noon(*records: Any) -> Desk:
    desk = Desk()
    desk.put(*records)
    desk.run_to(at("12:00"))
    return desk


@pytest.mark.parametrize("reason", ENDS)
def test_a_case_ends_in_its_reason(reason: str) -> None:
    assert reason in {withdrawal.reason for withdrawal in of(ENDS[reason]().out, Withdrawal)}


@pytest.mark.parametrize("reason", WAITS)
def test_a_case_waits_for_its_reason(reason: str) -> None:
    assert [text.waits_for for text in WAITS[reason]().texts("confirmation")] == [reason]


def test_no_reason_is_without_a_case() -> None:
    assert set(ENDS) | BY_THE_SENDER == {*get_args(Suppression), "expired"}
    assert set(WAITS) | BETWEEN_ROWS == set(get_args(Waiting))


def test_every_reason_has_its_example() -> None:
    assert set(examples.NOT_SENT) == set(sentences.NOT_SENT)
    assert set(examples.WAITS) == set(sentences.WAITS)
    by_worker = {name for name, example in examples.NOT_SENT.items() if example.by != "sender"}
    assert by_worker - {"held_unclear"} == set(ENDS)
