"""Journal records of one text, in a line each."""

from datetime import UTC, datetime, timedelta
from typing import Any

from rules.second_tries import LOST
from schemas.deliveries import TextRef
from schemas.journal import (
    Accepted,
    Claimed,
    Expired,
    NotSent,
    Rejected,
    Reported,
    Suppressed,
    Unknown,
    Unresolved,
)
from tests.sender.texts import ref

AT = datetime(2026, 1, 2, 15, tzinfo=UTC)
TEXT = ref("+12025550123", workspace_id="ws", due_at=AT, first_due_at=AT)


def claimed(claim_id: str = "c1", *, attempt: int = 1, text: TextRef = TEXT, **more: Any) -> Claimed:
    fields = {"counts_to_cap": True, "not_after": AT + timedelta(hours=1), "at": AT} | more
    fields.setdefault("deadline_at", fields["at"] + timedelta(seconds=32))
    return Claimed(text=text, attempt=attempt, claim_id=claim_id, **fields)


def accepted(uuid: str = "u1", *, attempt: int = 1, claim_id: str | None = "c1", **more: Any) -> Accepted:
    fields = {"text": TEXT, "evidence": "reply", "at": AT} | more
    return Accepted(attempt=attempt, claim_id=claim_id, carrier_uuid=uuid, **fields)


def not_sent(claim_id: str = "c1", reason: str = "busy", *, attempt: int = 1) -> NotSent:
    return NotSent(text=TEXT, attempt=attempt, claim_id=claim_id, reason=reason, at=AT)


def unknown(claim_id: str = "c1", *, attempt: int = 1, posted_at: datetime = AT) -> Unknown:
    return Unknown(text=TEXT, attempt=attempt, claim_id=claim_id, reason="reset", posted_at=posted_at, at=AT)


def suppressed(version: int = 1, claim_id: str | None = None, reason: Any = "moved") -> Suppressed:
    text = ref("+12025550123", workspace_id="ws", due_at=AT, first_due_at=AT, plan_version=version)
    return Suppressed(text=text, claim_id=claim_id, reason=reason, at=AT)


def expired(version: int = 1, claim_id: str | None = None) -> Expired:
    return Expired(text=suppressed(version).text, claim_id=claim_id, at=AT)


def rejected(claim_id: str | None = "c1", *, attempt: int = 1) -> Rejected:
    return Rejected(text=TEXT, attempt=attempt, claim_id=claim_id, reason="status 400", at=AT)


def unresolved(claim_id: str = "c1", *, attempt: int = 1) -> Unresolved:
    return Unresolved(text=TEXT, attempt=attempt, claim_id=claim_id, at=AT)


def reported(status: Any = "sent", sequence: int | None = None, **more: Any) -> Reported:
    fields = {"error_code": "", "units": 1, "at": AT, "text": TEXT, "attempt": 1, "carrier_uuid": "u1"} | more
    return Reported(status=status, sequence=sequence, **fields)


def lost(code: str = "20", sequence: int | None = 3) -> Reported:
    """The carrier's network lost the first try."""
    return reported("failed", sequence, error_code=code)


def opened(claim_id: str = "c1", code: str = "20") -> NotSent:
    """Its second try may be made."""
    return not_sent(claim_id, f"{LOST}{code}")
