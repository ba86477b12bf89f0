"""What records would cause, foreseen: as the pipeline itself does it, with nothing written."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from agents.by_topic import AGENTS
from agents.foresight import Foreseen, Foresight, foresee
from rules.refused import Refused
from schemas.bookings import DayOf
from streams.topology import FLOWS
from tests.desk import Desk, sent
from tests.makers import (
    OTHER_PHONE,
    PHONE,
    a_booking_event,
    a_change,
    a_setting,
    a_sign_up,
    an_sms,
    at,
    policy,
)


def told(foresight: Foresight) -> list[tuple[str, str]]:
    return [(text.wording, text.reason or "goes") for text in foresight.texts]


def test_agents_are_those_of_the_flows() -> None:
    assert {flow.topic.name: flow.agent for flow in FLOWS} == AGENTS


def test_a_booking() -> None:
    [confirmation, reminder] = foresee([(at("12:00"), a_booking_event())], policy()).texts
    assert (confirmation.planned.kind, confirmation.phone) == ("confirmation", PHONE)
    assert (confirmation.goes_at, confirmation.not_after) == (at("12:00"), at("15:00"))
    assert confirmation.body.startswith(
        "Rally: interview with Acme Research booked, Tue Nov 24, 3:00 PM EST."
    )
    assert (confirmation.segments, confirmation.zone) == (1, "America/New_York")
    assert (reminder.wording, reminder.planned.due_at, reminder.goes_at) == ("reminder", *[at("14:45")] * 2)


# each row: what is received besides the booking at noon, and what becomes of every text
MOVED: dict[str, Any] = {"revision": 2, "starts_at": at("16:00")}
CASES: dict[str, tuple[list[tuple[datetime, Any]], list[tuple[str, str]]]] = {
    # read together, before anything goes: one text with the last time
    "moved at once": (
        [(at("12:00"), a_booking_event(**MOVED))],
        [("confirmation", "goes"), ("reminder", "moved"), ("reminder", "goes")],
    ),
    # an hour later the person knows the old time
    "moved later": (
        [(at("13:00"), a_booking_event(**MOVED))],
        [("confirmation", "goes"), ("moved", "goes"), ("reminder", "moved"), ("reminder", "goes")],
    ),
    # neither is sent
    "cancelled at once": (
        [(at("12:00"), a_booking_event(revision=2, status="cancelled"))],
        [("confirmation", "cancelled"), ("reminder", "cancelled")],
    ),
    # the day-of notice is one more text
    "late": (
        [(at("14:50"), a_booking_event(revision=2, day_of=DayOf(kind="interviewer_late")))],
        [("confirmation", "goes"), ("reminder", "goes"), ("interviewer_late", "goes")],
    ),
    # a real setting outweighs what is assumed
    "switched off": (
        [(at("12:00"), a_setting(value=False))],
        [("confirmation", "workspace_off"), ("reminder", "workspace_off")],
    ),
    # so does a real end of consent
    "withdrawn": (
        [(at("13:00"), a_change(action="withdraw", source="staff", evidence=None, at=at("13:00")))],
        [("confirmation", "goes"), ("reminder", "consent_ended")],
    ),
    # and a STOP; what it is answered with is foreseen too
    "stopped": (
        [(at("13:00"), an_sms("STOP"))],
        [("confirmation", "goes"), ("reply_stop", "goes"), ("reminder", "opted_out")],
    ),
    # a START is taken to be in the carrier's list
    "started again": (
        [(at("13:00"), an_sms("STOP")), (at("13:10"), an_sms("START", received_at=at("13:10")))],
        [("confirmation", "goes"), ("reply_stop", "goes"), ("reply_start", "goes"), ("reminder", "goes")],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_becomes_of_each_text(case: str) -> None:
    records, wanted = CASES[case]
    assert told(foresee([(at("12:00"), a_booking_event()), *records], policy())) == wanted


def test_a_new_phone_has_consent_too_if_consent_is_assumed() -> None:
    moved = a_booking_event(revision=2, phone=OTHER_PHONE)
    foresight = foresee([(at("12:00"), a_booking_event()), (at("13:00"), moved)], policy())
    assert [(t.phone, t.reason) for t in foresight.texts if t.wording == "reminder"] == [
        (PHONE, "phone_changed"),
        (OTHER_PHONE, None),
    ]
    assert foresight.places_left("w1", "b1") == 3


def test_without_assumptions_only_what_was_taken_counts() -> None:
    alone = foresee([(at("12:00"), a_booking_event())], policy(), consenting=False)
    assert {(t.reason, t.waited_for) for t in alone.texts} == {("expired", "waiting_for_consent")}
    assert all(t.body.startswith("Rally:") and t.segments == 1 for t in alone.texts)
    off = foresee([(at("12:00"), a_booking_event())], policy(), texting=False)
    assert {t.reason for t in off.texts} == {"workspace_off"}
    signed = [(at("12:00"), a_booking_event()), (at("12:30"), a_sign_up(at=at("12:30")))]
    assert told(foresee(signed, policy(), consenting=False)) == [
        ("confirmation", "goes"),
        ("reminder", "goes"),
    ]


def test_a_booking_without_phone_causes_a_notice() -> None:
    foresight = foresee([(at("12:00"), a_booking_event(phone=None))], policy())
    assert foresight.texts == []
    assert [notice.kind for notice in foresight.notices] == ["waiting_for_phone"]
    assert foresight.places_left("w1", "b1") == 6


def test_what_cannot_be_meant_is_refused() -> None:
    with pytest.raises(Refused, match="event_id"):
        foresee([(at("12:00"), a_booking_event(replaces_booking_id="b0"))], policy())


def test_an_open_text_has_neither_time_nor_reason() -> None:
    foresight = Foresight(policy())
    foresight.take(a_booking_event(), at("12:00"))
    foresight.run_to(at("13:00"))
    assert [text.goes_at for text in foresight.texts] == [at("12:00"), None]
    assert foresight.texts[1].reason is None


def test_partitions_do_not_matter() -> None:
    records = [(at("12:00"), a_booking_event()), (at("12:00"), a_setting(value=False))]
    assert [t.reason for t in foresee(records, policy(partitions=12)).texts] == ["workspace_off"] * 2


def test_foreseen_is_what_the_desk_does() -> None:
    """The same records, once foreseen and once through the flows: the same texts, word for word."""
    desk, records = Desk(), []
    for minute, record in enumerate(
        [
            a_sign_up(),
            a_booking_event(),
            a_booking_event(revision=2, starts_at=at("15:30")),
            a_booking_event(revision=3, day_of=DayOf(kind="place_changed"), starts_at=at("15:30")),
            a_booking_event(revision=4, status="cancelled", starts_at=at("15:30")),
        ]
    ):
        records.append((at("12:00") + minute * timedelta(minutes=20), record))
    for when, record in records:
        desk.run_to(when)
        desk.put(record)
    desk.run_to(at("18:00"))
    foreseen: list[Foreseen] = [t for t in foresee(records, policy(), consenting=False).texts if t.goes_at]
    assert [t.wording for t in foreseen] == sent(desk.out)
    assert sent(desk.out) == ["confirmation", "moved", "place_changed", "cancelled"]


def test_an_answer_to_a_phone_without_bookings_is_foreseen() -> None:
    [help_answer] = foresee([(at("12:00"), an_sms("HELP", received_at=at("12:00")))], policy()).texts
    assert (help_answer.wording, help_answer.phone) == ("reply_help", PHONE)
    assert "help@example.org" in help_answer.body


def test_places_are_counted_by_event() -> None:
    other = a_booking_event(booking_id="b2", phone=OTHER_PHONE)
    foresight = foresee([(at("12:00"), a_booking_event()), (at("12:00"), other)], policy())
    assert foresight.places_left("w1", "b1") == foresight.places_left("w1", "b2") == 4
