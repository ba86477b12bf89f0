from typing import Any

from rules.disclosures import sha256
from tests.gateway.desk import NOW, PHONE

UPSTREAM = "acme-upstream"


def auth(token: str = UPSTREAM) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def booking(**changes: Any) -> dict[str, Any]:
    return {
        "type": "booking",
        "message_id": "m1",
        "workspace_id": "acme",
        "workspace_name": "Acme Research",
        "study_id": "s1",
        "booking_id": "b1",
        "person_id": "p1",
        "revision": 1,
        "status": "booked",
        "starts_at": "2030-05-07T18:30:00Z",
        "zone": "America/Chicago",
        "phone": PHONE,
    } | changes


def consent(**changes: Any) -> dict[str, Any]:
    return {
        "message_id": "c1",
        "action": "withdraw",
        "source": "upstream",
        "workspace_id": "acme",
        "person_id": "p1",
        "phone": PHONE,
        "at": NOW.isoformat(),
    } | changes


def grant(**changes: Any) -> dict[str, Any]:
    evidence = {
        "disclosure_version": "v1",
        "disclosure_sha256": sha256("words"),
        "disclosure_text": "words",
        "act": "upstream",
        "phone_typed": PHONE,
    }
    return consent(action="grant", event_id="b1", evidence=evidence) | changes


def setting(**changes: Any) -> dict[str, Any]:
    return {
        "message_id": "t1",
        "workspace_id": "acme",
        "name": "sms_enabled",
        "value": True,
        "revision": 1,
        "actor": "ana",
        "at": NOW.isoformat(),
    } | changes


STAFF = {"source": "staff", "actor": "ana", "reason": "asked by phone"}
PAUSE = setting(name="paused", value=True)
