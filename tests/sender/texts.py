"""Deliveries and withdrawals as the worker writes them."""

import itertools
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from rules.ids import phone_ref, text_id
from schemas.deliveries import Delivery, TextRef, Withdrawal
from schemas.reasons import EndReason

KEY = b"example-reference"
RUN = secrets.token_hex(4)
"""Ids of one run differ from those of every other."""
_phones = itertools.count(int(secrets.token_hex(3), 16))


def new_phone() -> str:
    """A number that nobody has had."""
    return f"+1202{next(_phones) % 8_000_000 + 2_000_000:07d}"


def ref(phone: str, **changes: Any) -> TextRef:
    """The identity of a confirmation (or what ``changes`` say) to a phone."""
    now = datetime.now(UTC)
    fields: dict[str, Any] = {
        "plan_version": 1,
        "workspace_id": f"ws-{RUN}",
        "study_id": "study",
        "event_id": f"event-{phone[1:]}",
        "booking_id": f"booking-{phone[1:]}",
        "person_id": f"person-{phone[1:]}",
        "kind": "confirmation",
        "wording": "confirmation",
        "basis": "",
        "due_at": now,
        "first_due_at": now,
        "segments": 1,
        "is_test": False,
    } | changes
    name = text_id(
        KEY,
        workspace_id=fields["workspace_id"],
        event_id=fields["event_id"],
        person_id=fields["person_id"],
        phone=phone,
        kind=fields["kind"],
        basis=fields["basis"],
    )
    return TextRef(text_id=name, phone_ref=phone_ref(KEY, phone), **fields)


def delivery(phone: str, *, valid_s: float = 60, text: TextRef | None = None, **changes: Any) -> Delivery:
    """A text that may go for ``valid_s`` seconds, with a consent an hour old."""
    now = datetime.now(UTC)
    sent = Delivery(
        text=text or ref(phone),
        phone=phone,
        body="Rally: interview with Acme booked. Reply STOP to opt out, HELP for help.",
        not_after=now + timedelta(seconds=valid_s),
        starts_at=now + timedelta(hours=1),
        counts_to_cap=True,
        counted_ids=[],
        consent_id="consent",
        consent_at=now - timedelta(hours=1),
        workspace_revision=1,
        study_revision=1,
        reply_token=None,
        released_at=now,
    )
    return replace(sent, **changes)


def reminder(phone: str, *, valid_s: float = 60, **changes: Any) -> Delivery:
    """A reminder: the kind that may have a second try."""
    text = ref(phone, kind="interview_reminder", wording="reminder", basis="2026-01-02T15:00Z|900")
    return delivery(phone, valid_s=valid_s, text=text, **changes)


def reply(phone: str, inbound_uuid: str, *, valid_s: float = 60) -> Delivery:
    """The one answer to a text of the phone."""
    text = ref(
        phone,
        plan_version=0,
        workspace_id=None,
        study_id=None,
        event_id=None,
        booking_id=None,
        person_id=None,
        kind="reply",
        wording="reply_stop",
        basis=inbound_uuid,
    )
    return delivery(
        phone,
        valid_s=valid_s,
        text=text,
        counts_to_cap=False,
        consent_id=None,
        consent_at=None,
        workspace_revision=0,
        study_revision=0,
        reply_token=inbound_uuid,
    )


def withdrawal(text: TextRef, reason: EndReason = "cancelled") -> Withdrawal:
    """The end of a text, released or not."""
    return Withdrawal(text=text, reason=reason, at=datetime.now(UTC))
