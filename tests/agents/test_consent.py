"""Consents and their ends: kept, proved, told to the sender; what waited looks again."""

from typing import Any

import pytest

from schemas.ledger import LedgerEntry
from schemas.phone_states import EndedState
from tests.desk import Desk, of, sent, withdrawn
from tests.makers import PHONE, a_booking_event, a_change, a_consent, a_sign_up, an_end, an_sms, at, ref


def facts(messages: list[Any]) -> list[Any]:
    return [m.fact for m in of(messages, LedgerEntry)]


def test_a_consent_is_kept_and_proved_once() -> None:
    desk = Desk()
    [fact] = facts(desk.put(a_sign_up()))
    assert (fact.kind, fact.source, fact.words) == ("consent_given", "sign_up", "rally-sms-1")
    assert (fact.person_id, fact.event_id, fact.at) == ("p1", "b1", at("12:00"))
    assert fact.evidence_digest
    assert desk.put(a_sign_up()) == []


def test_the_digest_of_the_evidence_changes_with_it() -> None:
    [one] = facts(Desk().put(a_sign_up()))
    [other] = facts(Desk().put(a_sign_up(ip="192.0.2.8")))
    assert one.evidence_digest != other.evidence_digest


def test_a_removal_is_told_to_the_sender_and_proved_with_actor_and_reason() -> None:
    desk = Desk()
    desk.put(a_sign_up())
    desk.now = at("13:30")
    change = a_change(
        action="withdraw", source="staff", evidence=None, actor="ann", reason="asked", at=at("13:00")
    )
    out = desk.put(change)
    assert of(out, EndedState) == [
        EndedState(phone_ref=ref(PHONE), workspace_id="w1", person_id="p1", ended_at=at("13:00"))
    ]
    [fact] = facts(out)
    assert (fact.kind, fact.source, fact.actor, fact.reason) == ("consent_ended", "staff", "ann", "asked")
    assert desk.put(change) == []


@pytest.mark.parametrize(
    ("end", "scope"),
    [
        # of a person in a workspace, or of the phone
        (an_end(), ("w1", "p1")),
        (an_end(phone_wide=True, by="staff"), (None, None)),
        (an_end(workspace_id=None, person_id=None, phone_wide=True, by="wrong_number"), (None, None)),
    ],
)
def test_what_the_sender_is_told(end: Any, scope: Any) -> None:
    [state] = of(Desk().put(end), EndedState)
    assert (state.workspace_id, state.person_id) == scope


def test_a_phone_wide_end_that_only_adds_the_wrong_number_is_proved() -> None:
    desk = Desk()
    desk.put(an_end(phone_wide=True, by="staff"))
    out = desk.put(an_end(change_id="end2", phone_wide=True, by="wrong_number"))
    assert of(out, EndedState) == []
    assert [fact.source for fact in facts(out)] == ["wrong_number"]


def test_when_all_scopes_are_too_many_the_sender_hears_of_the_phone() -> None:
    desk = Desk()
    for n in range(300):
        desk.put(an_end(change_id=f"e{n}", person_id=f"p{n}"))
    [state] = of(desk.put(an_end(change_id="last", person_id="p300")), EndedState)
    assert state.workspace_id is None


def test_a_grant_by_staff_over_a_stop_is_refused_and_the_refusal_proved() -> None:
    desk = Desk()
    desk.put(an_sms("STOP"))
    desk.now = at("13:30")
    grant = a_change(source="staff", actor="ann", reason="said so", at=at("13:30"))
    [fact] = facts(desk.put(grant))
    assert (fact.kind, fact.reason, fact.actor) == ("grant_refused", "opted_out", "ann")
    assert ref(PHONE) not in desk.tables.consents


def test_a_grant_by_staff_is_apart_from_first_party_consent() -> None:
    desk = Desk()
    [fact] = facts(desk.put(a_change(source="staff", actor="ann", reason="said so on the phone")))
    assert (fact.kind, fact.source, fact.reason) == (
        "consent_given",
        "staff_attested",
        "said so on the phone",
    )


def test_only_what_waits_for_consent_is_woken() -> None:
    desk = Desk()
    desk.put(a_booking_event(), a_booking_event(booking_id="b2"))
    desk.run_to(at("12:10"))
    out = desk.put(a_sign_up(at=at("12:10")))
    assert sent(out) == ["confirmation"]
    [other] = desk.texts("confirmation", key="w1/b2")
    assert other.waits_for == "waiting_for_consent"


def test_two_persons_on_one_phone_are_apart() -> None:
    desk = Desk()
    desk.put(a_booking_event(), a_sign_up())
    desk.put(a_booking_event(booking_id="b2", person_id="p2"))
    desk.put(a_sign_up(sign_up_id="su2", event_id="b2", person_id="p2"))
    desk.run_to(at("12:00"))
    desk.put(an_end(at=at("12:00")))
    assert sorted(sent(desk.run_to(at("15:00")))) == ["reminder"]
    assert ("reminder", "consent_ended") in withdrawn(desk.out)


def test_a_consent_for_the_workspace_covers_all_its_events() -> None:
    desk = Desk()
    desk.put(a_booking_event(), a_booking_event(booking_id="b2"), a_consent(event_id=None))
    assert sent(desk.run_to(at("12:00"))) == ["confirmation", "confirmation"]
