"""A participant's profile: phones, SMS consent and its whole history."""

from datetime import datetime
from typing import Any

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy import Connection

from gateway.admin.staff import Page, Staff
from gateway.admin.words import STANDINGS
from gateway.pages import message
from records import admin_people
from records.admin_standing import standing_of
from rules.consent import had_consent
from rules.ids import phone_ref
from rules.sentences import FACTS
from rules.texts import when
from schemas.bookings import BookingInput
from schemas.consent import ConsentGiven
from schemas.ledger import ConsentFact

REFUSALS = {
    "opted_out": "the phone replied STOP; only START from the phone lifts that",
    "held_unclear": "a reply of the phone was unclear; it must answer first",
    "removed_by_participant": "the participant removed the number on the manage page",
    "ended_phone_wide": "all consents of the phone were withdrawn",
    "wrong_number": "the phone said that it is a wrong number",
    "ended_since": "it was recorded before and has ended since; if they agreed anew, record that here",
}
"""Why a grant by staff counts for nothing: the reasons in the ledger, and that of a grant sent again."""
SOURCES = {
    "sign_up": "the sign-up page",
    "upstream": "the upstream service",
    "staff": "staff",
    "staff_attested": "staff, on the participant's word",
    "manage_page": "the manage page",
    "reply": "a reply from the phone",
    "carrier": "the carrier",
    "no_answer": "no answer to our question in time",
    "wrong_number": "a wrong number",
}


@get("/people/{person_id:str}", include_in_schema=False)
async def show_person(
    staff: NamedDependency[Staff], person_id: FromPath[str], done: FromQuery[str] = ""
) -> Page:
    """The profile of a person."""
    profile = await staff.ask(lambda c: _profile(c, staff, person_id))
    if profile is None:
        return message(404, "Nobody of this id", "No booking or consent of this workspace names them.")
    return staff.page(
        "person.html",
        here="people",
        person_id=person_id,
        done=done,
        refusal=REFUSALS.get(done, ""),
        may_withdraw=staff.may("withdraw"),
        may_grant=staff.may("grant"),
        **profile,
    )


def _profile(connection: Connection, staff: Staff, person_id: str) -> dict[str, Any] | None:
    bookings = admin_people.bookings_of_person(connection, staff.workspace_id, person_id)
    phones = admin_people.phones_of_person(connection, staff.workspace_id, person_id)
    if not bookings and not phones:
        return None
    return {
        "bookings": [
            {"booking_id": b.booking_id, "when": when(b.starts_at, staff.zone), "status": b.status}
            for b in bookings
        ],
        "events": {b.event_id: when(b.starts_at, staff.zone) for b in bookings},
        "phones": [_phone(connection, staff, person_id, phone, bookings) for phone in phones],
    }


def _phone(
    connection: Connection, staff: Staff, person_id: str, phone: str, bookings: list[BookingInput]
) -> dict[str, Any]:
    """A phone with how it stands for each booking, and everything the ledger holds of it."""
    ref = phone_ref(staff.edge.policy.reference_key, phone)
    known = admin_people.known_of(connection, ref)
    concerned = [
        b
        for b in bookings
        if b.phone == phone
        or had_consent(known.consents, workspace_id=b.workspace_id, person_id=person_id, event_id=b.event_id)
    ]
    standings = {b.booking_id: STANDINGS[standing_of(known, b)] for b in concerned}
    evidence = [c for c in known.evidence.values() if _is_theirs(c, staff, person_id)]
    facts = [f for f in admin_people.facts_of(connection, ref) if _concerns(f, staff, person_id)]
    return {
        "number": phone,
        "standings": standings or {"": STANDINGS["no_consent"]},
        "evidence": [_evidence(c, staff) for c in evidence],
        "history": [_line(fact, staff) for fact in reversed(facts)],
    }


def _is_theirs(given: ConsentGiven, staff: Staff, person_id: str) -> bool:
    return given.workspace_id == staff.workspace_id and given.person_id == person_id


def _concerns(fact: ConsentFact, staff: Staff, person_id: str) -> bool:
    """Facts of the whole phone, and of this person here; never those of another workspace."""
    if fact.workspace_id is None or fact.kind not in ("consent_given", "consent_ended", "grant_refused"):
        return fact.workspace_id in (None, staff.workspace_id)
    return fact.workspace_id == staff.workspace_id and fact.person_id in (None, person_id)


def _evidence(given: ConsentGiven, staff: Staff) -> dict[str, str]:
    words = given.evidence
    return {
        "at": when(given.at, staff.zone),
        "source": SOURCES.get(given.source, given.source),
        "version": words.disclosure_version,
        "text": words.disclosure_text,
        "scope": f"event {given.event_id}" if given.event_id else "every event of this workspace",
        "how": given.reason or words.act,
    }


def _line(fact: ConsentFact, staff: Staff) -> dict[str, str]:
    refused = fact.kind == "grant_refused"
    reason = REFUSALS.get(fact.reason or "", fact.reason or "") if refused else fact.reason or ""
    return {
        "at": when(fact.at, staff.zone),
        "iso": _iso(fact.at),
        "what": FACTS[fact.kind],
        "source": SOURCES.get(fact.source, fact.source),
        "actor": fact.actor or "",
        "reason": reason,
        "refused": "yes" if refused else "",
    }


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
