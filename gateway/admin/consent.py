"""Staff changes a participant's SMS consent: who and why always, a grant never over the participant."""

import hashlib
from datetime import date, datetime, time
from typing import Any
from urllib.parse import quote

from litestar import post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy import Connection

from gateway.admin.recorded import is_recorded
from gateway.admin.staff import Page, Posted, Staff, back_to, posted
from gateway.edge import Edge
from gateway.handing import hand_over
from gateway.pages import Web, message, try_again
from gateway.withdrawals import withdraw
from records import admin_people
from rules.consent import live_consents, refusal_of_staff
from rules.ids import stable_id
from rules.intake import consent_input
from rules.zones import zone_info
from schemas.consent import ConsentChange, ConsentEnded, ConsentGiven, Evidence
from schemas.ledger import ConsentFact

ATTESTED_VERSION = "staff-attested-1"
ATTESTED_TEXT = "Attested by staff: {how} The participant agreed on {when} to get texts about the interview."
SCOPES: dict[str, dict[str, bool]] = {
    "person": {},
    "phone": {"phone_wide": True},
    "wrong_number": {"wrong_number": True},
}


@post("/people/{person_id:str}/withdraw", status_code=200, include_in_schema=False)
async def post_withdrawal(
    request: Web, edge: NamedDependency[Edge], staff: NamedDependency[Staff], person_id: FromPath[str]
) -> Page:
    """Withdraw consent, of the person here or of the whole phone. It takes effect as a STOP does."""
    form = await posted(request, edge, staff.session)
    staff.check("withdraw")
    problem = await _problem(staff, person_id, form)
    if problem is not None:
        return problem
    scope = SCOPES.get(form.get("scope"), {})
    change = _change(form, staff, person_id, action="withdraw", **scope)
    ended = consent_input(change, edge.policy, edge.clock())
    if not isinstance(ended, ConsentEnded):
        raise TypeError("a withdrawal is an end")
    await withdraw(edge, change, ended)
    seen = await is_recorded(
        staff, lambda c: bool(_facts(c, ended.phone_ref, staff, "ended", ended.change_id))
    )
    return back_to(staff, _page_of(person_id), "withdrawn" if seen else "pending")


@post("/people/{person_id:str}/grant", status_code=200, include_in_schema=False)
async def post_grant(
    request: Web, edge: NamedDependency[Edge], staff: NamedDependency[Staff], person_id: FromPath[str]
) -> Page:
    """Record that the participant agreed, with how and when. The worker refuses what the phone ended."""
    form = await posted(request, edge, staff.session)
    staff.check("grant")
    problem = await _problem(staff, person_id, form)
    if problem is not None:
        return problem
    agreed_at = _day(form.get("agreed_on"), staff.zone)
    if agreed_at is None or agreed_at > edge.clock():
        return message(422, "When did they agree?", "Please go back and give the day on which they agreed.")
    change = _granting(form, staff, person_id, agreed_at)
    given = consent_input(change, edge.policy, edge.clock())
    if not isinstance(given, ConsentGiven):
        raise TypeError("a grant is a consent")
    if not await hand_over(edge, [change]):
        return try_again("The consent could not be recorded just now.")
    return back_to(staff, _page_of(person_id), await _verdict(staff, given))


def _page_of(person_id: str) -> str:
    return f"/people/{quote(person_id, safe='')}"


async def _verdict(staff: Staff, given: ConsentGiven) -> str:
    """What became of a grant: granted, why it counts for nothing, or pending."""
    await is_recorded(staff, lambda c: _outcome(c, staff, given) is not None)
    return await staff.ask(lambda c: _outcome(c, staff, given)) or "pending"


def _outcome(connection: Connection, staff: Staff, given: ConsentGiven) -> str | None:
    """The same, as far as it is recorded. A grant sent again after its end is a repeat: it brings nothing."""
    was_given, refused = (
        _facts(connection, given.phone_ref, staff, kind, given.consent_id) for kind in ("given", "refused")
    )
    if not was_given:
        return refused[0].reason or "refused" if refused else None
    known = admin_people.known_of(connection, given.phone_ref)
    bar = refusal_of_staff(known.consents, known.stops, given)
    if bar is not None:
        return bar
    whose = {"workspace_id": given.workspace_id, "person_id": given.person_id}
    if live_consents(known.consents, **whose, event_id=given.event_id or ""):
        return "granted"
    return "ended_since" if refused or known.given(given.consent_id) else None


async def _problem(staff: Staff, person_id: str, form: Posted) -> Page | None:
    """What is missing, as a page; None if nothing is."""
    if not form.get("reason"):
        return message(422, "Why?", "Please go back and say why: it stands in the consent record.")
    phones = await staff.ask(lambda c: admin_people.phones_of_person(c, staff.workspace_id, person_id))
    if form.get("phone") not in phones:
        return message(404, "Nobody of this phone", "No booking or consent of this person names that number.")
    return None


def _change(form: Posted, staff: Staff, person_id: str, **more: Any) -> ConsentChange:
    fields = {
        "message_id": _press(form, staff, str(more["action"])),
        "source": "staff",
        "workspace_id": staff.workspace_id,
        "person_id": person_id,
        "phone": form.get("phone"),
        "actor": staff.name,
        "reason": form.get("reason"),
        "at": staff.edge.clock(),
    }
    return ConsentChange(**{**fields, **more})


def _press(form: Posted, staff: Staff, action: str) -> str:
    """The same for a double click.

    All buttons of a page share its form's name. What was asked tells them apart: else a second one, or a
    corrected one, pressed after going back, would count as a repeat of the first.
    """
    asked = (form.get(name) for name in ("phone", "scope", "event_id", "agreed_on", "reason"))
    return stable_id(staff.edge.policy.reference_key, "staff", form.name, action, *asked)


def _granting(form: Posted, staff: Staff, person_id: str, agreed_at: datetime) -> ConsentChange:
    text = ATTESTED_TEXT.format(how=form.get("reason"), when=agreed_at.date().isoformat())
    event_id = form.get("event_id") or None
    return _change(
        form,
        staff,
        person_id,
        action="grant",
        scope="event" if event_id else "workspace",
        event_id=event_id,
        evidence=Evidence(
            disclosure_version=ATTESTED_VERSION,
            disclosure_sha256=hashlib.sha256(text.encode()).hexdigest(),
            disclosure_text=text,
            act="staff_attested",
            phone_typed=form.get("phone"),
        ),
    )


def _day(typed: str, zone: str) -> datetime | None:
    """When a day begins where the workspace is: its today may be tomorrow, or yesterday, elsewhere."""
    try:
        return datetime.combine(date.fromisoformat(typed), time(), zone_info(zone))
    except ValueError:
        return None


def _facts(connection: Connection, ref: str, staff: Staff, kind: str, name: str) -> list[ConsentFact]:
    fact_id = stable_id(staff.edge.policy.reference_key, kind, name)
    return [fact for fact in admin_people.facts_of(connection, ref) if fact.fact_id == fact_id]
