"""Who may be texted: consents and their ends as maxima, in any order."""

from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from rules.consent import (
    CONSENTS_KEPT,
    ENDS_KEPT,
    had_consent,
    is_held,
    is_stopped,
    live_consents,
    refusal_of_staff,
    with_ended,
    with_given,
)
from schemas.consent import ConsentEnded, ConsentGiven
from schemas.rows import PhoneConsents, PhoneStops
from tests.makers import a_consent, an_end, at

WHOSE = {"workspace_id": "w1", "person_id": "p1", "event_id": "b1"}


def fold(*records: ConsentGiven | ConsentEnded) -> PhoneConsents:
    row = PhoneConsents()
    for record in records:
        row = (with_given if isinstance(record, ConsentGiven) else with_ended)(row, record) or row  # type: ignore[operator]
    return row


@pytest.mark.parametrize(
    ("changes", "live"),
    [
        # for this event
        ({}, True),
        # for all of the workspace
        ({"event_id": None}, True),
        # for another event, person, workspace
        ({"event_id": "b2"}, False),
        ({"person_id": "p2"}, False),
        ({"workspace_id": "w2"}, False),
    ],
)
def test_what_a_consent_covers(changes: dict[str, Any], live: bool) -> None:
    row = fold(a_consent(**changes))
    assert bool(live_consents(row, **WHOSE)) == live
    assert had_consent(row, **WHOSE) == live


def test_no_row_is_no_consent() -> None:
    assert live_consents(None, **WHOSE) == []
    assert not had_consent(None, **WHOSE)


@pytest.mark.parametrize(
    ("end", "live"),
    [
        # a later end ends it, a tie too
        (an_end(), False),
        (an_end(at=at("12:00")), False),
        # an earlier end does not
        (an_end(at=at("11:59")), True),
        # nor one of another person or workspace
        (an_end(person_id="p2"), True),
        (an_end(workspace_id="w2"), True),
        # one of the phone ends all
        (an_end(phone_wide=True, by="staff"), False),
        (an_end(workspace_id=None, person_id=None, phone_wide=True, by="wrong_number"), False),
    ],
)
def test_ends(end: ConsentEnded, live: bool) -> None:
    for records in permutations([a_consent(), end]):
        row = fold(*records)
        assert bool(live_consents(row, **WHOSE)) == live
        assert had_consent(row, **WHOSE)


def test_a_new_consent_after_an_end_lives_and_the_earliest_live_one_is_first() -> None:
    later = a_consent(consent_id="c2", at=at("14:00"))
    row = fold(a_consent(), an_end(), a_consent(consent_id="c3", at=at("15:00")), later)
    assert [c.consent_id for c in live_consents(row, **WHOSE)] == ["c2", "c3"]


def test_repeats_change_nothing() -> None:
    row = fold(a_consent(), an_end(), an_end(phone_wide=True))
    assert with_given(row, a_consent()) is None
    assert with_ended(row, an_end()) is None
    assert with_ended(row, an_end(at=at("12:30"))) is None
    assert with_ended(row, an_end(phone_wide=True)) is None


STAFF = a_consent(consent_id="staff", source="staff_attested", at=at("14:00"))


@pytest.mark.parametrize(
    ("row", "stops", "refusal"),
    [
        # nothing stands against it
        (PhoneConsents(), None, None),
        (PhoneConsents(), PhoneStops(), None),
        # a STOP, a hold, until START
        (PhoneConsents(), PhoneStops(stop_at=at("13:00")), "opted_out"),
        (PhoneConsents(), PhoneStops(stop_at=at("13:00"), start_at=at("13:30")), None),
        (PhoneConsents(), PhoneStops(hold_at=at("13:00")), "held_unclear"),
        # the participant's own removal, but not a withdrawal by staff
        (fold(an_end()), None, "removed_by_participant"),
        (fold(an_end(by="staff")), None, None),
        (fold(an_end(by="upstream")), None, None),
        # an end of the phone, a wrong number
        (fold(an_end(phone_wide=True, by="staff")), None, "ended_phone_wide"),
        (fold(an_end(phone_wide=True, by="wrong_number")), None, "wrong_number"),
    ],
)
def test_staff_never_grants_over_a_participant(
    row: PhoneConsents, stops: PhoneStops | None, refusal: str | None
) -> None:
    assert refusal_of_staff(row, stops, STAFF) == refusal
    assert refusal_of_staff(row, stops, a_consent()) is None


def test_a_grant_by_staff_that_came_before_the_removal_was_known_does_not_live() -> None:
    assert live_consents(fold(STAFF, an_end()), **WHOSE) == []
    assert live_consents(fold(STAFF, an_end(phone_wide=True)), **WHOSE) == []
    assert live_consents(fold(STAFF, an_end(by="staff")), **WHOSE) != []


def test_a_row_keeps_the_latest_consents() -> None:
    many = [
        a_consent(consent_id=f"c{n}", event_id=f"b{n}", at=at("12:00") + timedelta(seconds=n))
        for n in range(CONSENTS_KEPT + 5)
    ]
    row = fold(*many)
    assert len(row.consents) == CONSENTS_KEPT
    assert "c4" not in row.consents
    assert "c5" in row.consents


def test_a_phone_ended_too_often_is_ended_as_a_whole() -> None:
    row = fold(
        *(an_end(person_id=f"p{n}", at=at("13:00") + timedelta(seconds=n)) for n in range(ENDS_KEPT + 1))
    )
    assert (row.ended_at, row.removed_at) == ({}, {})
    assert row.phone_ended_at == at("13:00") + timedelta(seconds=ENDS_KEPT)
    assert live_consents(fold(a_consent(person_id="p9"), an_end()), **WHOSE) == []


@pytest.mark.parametrize(
    ("stop_at", "start_at", "stopped"),
    [
        # never stopped, stopped, started since
        (None, None, False),
        (None, at("12:00"), False),
        (at("12:00"), None, True),
        (at("12:00"), at("12:01"), False),
        # stopped again; a tie is a stop
        (at("12:02"), at("12:01"), True),
        (at("12:00"), at("12:00"), True),
    ],
)
def test_stop_and_start(stop_at: datetime | None, start_at: datetime | None, stopped: bool) -> None:
    assert is_stopped(PhoneStops(stop_at=stop_at, start_at=start_at)) == stopped
    assert is_held(PhoneStops(hold_at=stop_at, start_at=start_at)) == stopped
