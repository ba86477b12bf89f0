"""Public records made canonical; what can be read but not meant is refused with its field."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from rules.intake import booking_input, check_setting, consent_input
from rules.refused import Refused
from rules.sign_up import phone_given, sign_up_consent
from schemas.bookings import DayOf
from schemas.consent import ConsentEnded, ConsentGiven
from tests.makers import PHONE, a_booking_event, a_change, a_setting, a_sign_up, at, evidence, policy, ref

NOW = at("12:00")


def test_times_are_utc_and_the_event_is_named() -> None:
    there = timezone(timedelta(hours=2))
    day_of = DayOf(kind="place_changed")
    booking = booking_input(
        a_booking_event(starts_at=datetime(2026, 11, 24, 22, tzinfo=there), day_of=day_of), NOW
    )
    assert booking.starts_at == at("15:00")
    assert booking.starts_at.tzinfo is UTC
    assert (booking.event_id, booking.received_at, booking.day_of) == ("b1", NOW, day_of)


@pytest.mark.parametrize(
    ("phone", "region", "wanted"),
    [
        # E.164 as it is
        (PHONE, None, (PHONE, None)),
        # as typed, in its region
        ("(330) 823-5501", "US", (PHONE, None)),
        # none is no error
        (None, "US", (None, None)),
        # not readable: left out and reported
        ("330", "US", (None, "too_short")),
        ("", "US", (None, "empty")),
    ],
)
def test_phones(phone: str | None, region: str | None, wanted: tuple[str | None, str | None]) -> None:
    booking = booking_input(a_booking_event(phone=phone, region=region), NOW)
    assert (booking.phone, booking.phone_error) == wanted


def test_a_zone_that_is_none_is_left_out_and_reported() -> None:
    booking = booking_input(a_booking_event(zone="Mars/Base"), NOW)
    assert booking.zone is None
    assert booking.zone_error == "not an IANA time zone"
    assert booking_input(a_booking_event(zone=None), NOW).zone_error is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        # a booking that replaces another repeats its event
        ({"replaces_booking_id": "b0"}, "event_id"),
        # years in which sums of dates are not safe
        ({"starts_at": datetime(1, 1, 1, tzinfo=UTC)}, "starts_at"),
        ({"starts_at": datetime(9999, 12, 31, tzinfo=UTC)}, "starts_at"),
    ],
)
def test_bookings_refused(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as refused:
        booking_input(a_booking_event(**changes), NOW)
    assert refused.value.field == field


def test_a_booking_may_name_itself() -> None:
    assert booking_input(a_booking_event(replaces_booking_id="b1"), NOW).replaces_booking_id == "b1"


def given(**changes: Any) -> ConsentGiven:
    message = consent_input(a_change(**changes), policy(), NOW)
    assert isinstance(message, ConsentGiven)
    return message


def ended(**changes: Any) -> ConsentEnded:
    fields = {"action": "withdraw", "evidence": None, "event_id": None, **changes}
    message = consent_input(a_change(**fields), policy(), NOW)
    assert isinstance(message, ConsentEnded)
    return message


def test_grants() -> None:
    assert (given().event_id, given().source, given().phone_ref) == ("b1", "upstream", ref(PHONE))
    assert given(scope="workspace").event_id is None, "wider words, of an upstream's own"
    staff = given(source="staff", actor="ann", reason="said yes on the phone")
    assert (staff.source, staff.actor) == ("staff_attested", "ann")
    assert given().consent_id == given().consent_id != given(message_id="c2").consent_id


def test_a_time_ahead_of_ours_is_now() -> None:
    assert given(at=at("13:00")).at == NOW
    assert given(at=at("11:00")).at == at("11:00")


def test_ends() -> None:
    assert (ended().person_id, ended().phone_wide, ended().by) == ("p1", False, "upstream")
    wide = ended(source="staff", person_id=None, phone_wide=True)
    assert (wide.phone_wide, wide.by) == (True, "staff")
    wrong = ended(person_id=None, wrong_number=True)
    assert (wrong.phone_wide, wrong.by) == (True, "wrong_number")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        # no phone that could be read
        ({"phone": "330"}, "phone"),
        # the page only withdraws
        ({"source": "manage_page"}, "source"),
        # whose, for what, and how it was agreed to
        ({"person_id": None}, "person_id"),
        ({"event_id": None}, "event_id"),
        ({"evidence": None}, "evidence"),
        # staff says who and how
        ({"source": "staff", "reason": "yes"}, "actor"),
        ({"source": "staff", "actor": "ann"}, "actor"),
        # words that prove nothing: see test_disclosures
        ({"evidence": evidence(disclosure_sha256="0" * 64)}, "evidence.disclosure_sha256"),
        ({"scope": "workspace", "evidence": evidence()}, "scope"),
        # a withdrawal of nobody's consent
        ({"action": "withdraw", "person_id": None}, "person_id"),
        # a time that can't be
        ({"at": datetime(1, 1, 1, tzinfo=UTC)}, "at"),
    ],
)
def test_consent_changes_refused(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as refused:
        consent_input(a_change(**changes), policy(), NOW)
    assert refused.value.field == field
    assert "330" not in str(refused.value)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"workspace_id": "all", "name": "paused"},
        {"name": "interview_reminder", "study_id": "s1"},
        {"name": "zone", "value": "Europe/Berlin"},
        {"name": "zone", "value": "Europe/Berlin", "study_id": "s1"},
        {"name": "allowed_hosts", "value": ["example.org"]},
    ],
)
def test_settings_taken(changes: dict[str, Any]) -> None:
    check_setting(a_setting(**changes))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        # of another type
        ({"value": "yes"}, "value"),
        ({"name": "allowed_hosts", "value": True}, "value"),
        # no zone
        ({"name": "zone", "value": "Mars/Base"}, "value"),
        # the study's switch without a study, the workspace's with one
        ({"name": "interview_reminder"}, "study_id"),
        ({"study_id": "s1"}, "study_id"),
        ({"name": "paused", "study_id": "s1"}, "study_id"),
        # only a pause is for all
        ({"workspace_id": "all"}, "workspace_id"),
    ],
)
def test_settings_refused(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as refused:
        check_setting(a_setting(**changes))
    assert refused.value.field == field


def test_a_sign_up_is_a_consent_and_a_phone() -> None:
    sign_up = a_sign_up()
    consent, phone = sign_up_consent(sign_up, policy(), NOW), phone_given(sign_up)
    assert (consent.phone, consent.event_id, consent.at) == (phone.phone, phone.event_id, phone.at)
    assert consent.evidence.disclosure_text == sign_up.disclosure_text
    assert (consent.evidence.ip, consent.evidence.user_agent, consent.evidence.act) == (
        sign_up.ip,
        sign_up.user_agent,
        "submit",
    )
