"""Staff at the pages: signing in, pressing buttons, and records of a workspace with something going on."""

from typing import Any

from httpx import AsyncClient as Web
from httpx import Response
from msgspec.structs import replace

from agents.intake import copy_setting
from agents.moment import Moment
from agents.tables import Tables
from rules.ids import phone_ref
from schemas.base import Message
from schemas.consent import ConsentGiven
from schemas.ledger import ConsentFact, LedgerEntry
from schemas.samples import samples
from tests.gateway.desk import PHONE, Desk
from tests.gateway.visitor import hidden
from tests.makers import a_booking, a_consent, a_setting, an_sms, at, policy
from tests.records.desk import delivery, event

REF = phone_ref(b"example-reference", PHONE)
ENTRY = samples("consent-ledger")["ledger-entry"]
NAMES = {"workspace_id": "acme", "study_id": "s1", "event_id": "b1", "booking_id": "b1", "phone_ref": REF}


async def sign_in(web: Web, token: str = "acme-admin", **fields: str) -> Response:  # noqa: S107  made up
    web.cookies.clear()
    return await web.post("/admin/sign-in", data={"token": token, **fields})


async def press(web: Web, page: str, action: str, **fields: str) -> Response:
    """Open a page and send one of its forms."""
    shown = await web.get(page)
    assert shown.status_code == 200, shown.text
    assert f'action="{action}"' in shown.text
    return await web.post(action, data={**hidden(shown.text), **fields})


def booking(**changes: Any) -> Any:
    fields = {"workspace_id": "acme", "phone": PHONE, "starts_at": at("15:00"), "received_at": at("12:00")}
    return a_booking(**{**fields, **changes})


def consent(**changes: Any) -> ConsentGiven:
    return a_consent(**{"workspace_id": "acme", "phone": PHONE, "phone_ref": REF, **changes})


def fact(kind: str, seq: int, **changes: Any) -> LedgerEntry:
    assert isinstance(ENTRY, LedgerEntry)
    fields: dict[str, Any] = {"phone_ref": REF, "workspace_id": None, "person_id": None, "reason": None}
    of = replace(ENTRY.fact, kind=kind, fact_id=f"fact-{seq}", **{**fields, **changes})
    return replace(ENTRY, seq=seq, hash=f"{seq:064}", fact=of)


def opted_out(seq: int = 1) -> ConsentFact | LedgerEntry:
    return fact("opted_out", seq, source="reply", at=at("12:30"))


def text(wording: str = "confirmation", state: str = "accepted", **changes: Any) -> list[Message]:
    """A text with its release, and its end if it has one."""
    kind = {"reminder": "interview_reminder", "interviewer_late": "day_of_update"}.get(wording, wording)
    named = {**NAMES, "kind": kind, "wording": wording, "text_id": changes.pop("text_id", "a" * 32)}
    due = changes.pop("due_at", at("12:00"))
    planned = event("planned", 0, **named, due_at=due, lateness_s=None, segments_predicted=0)
    if state == "planned":
        return [planned]
    out = delivery(phone=PHONE, **named, due_at=due, released_at=due)
    if state == "released":
        return [planned, out]
    version = {"plan_version": out.text.plan_version}
    return [planned, out, event(state, 1, **named, **version, due_at=due, **changes)]


def setting(**changes: Any) -> list[Message]:
    moment = Moment(now=at("08:00"), partition=0, policy=policy())
    return list(copy_setting(a_setting(workspace_id="acme", **changes), Tables(), moment))


def reply(words: str, when: str = "13:00") -> Message:
    return an_sms(words, phone=PHONE, phone_ref=REF, received_at=at(when))


def fill(desk: Desk) -> None:
    """A booking with consent, its confirmation sent, its reminder to come."""
    desk.now[0] = at("13:30")
    desk.books.put(
        booking(), consent(), *text(), *text("reminder", "planned", text_id="b" * 32, due_at=at("14:45"))
    )
    desk.books.put(
        fact("consent_given", 0, source="sign_up", workspace_id="acme", person_id="p1", at=at("12:00"))
    )
