"""The values that samples are made of, by the names of fields: one booking of one participant."""

from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from schemas import (
    bookings,
    consent,
    dead_letters,
    deliveries,
    delivery_events,
    journal,
    notices,
    phone_states,
    sms,
)
from schemas.base import Message
from schemas.settings import SettingsChange


def _at(hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, 5, 4, hour, minute, second, tzinfo=UTC)


TEXT_ID = "o6jzq5k2w7h4mbnx3dta2cfy5rgeiuls"
CARRIER_UUID = "5a7f0c1e-4f0c-4f53-9a51-0f6b8e6f2d11"
INBOUND_UUID = "b1d2c3a4-9e6f-4d0b-8a57-6c5d4e3f2a1b"

VALUES: dict[str, Any] = {
    "actor": "dana@acme.example",
    "at": _at(14, 0, 1),
    "accepted_at": _at(14, 5),
    "attempt": 1,
    "basis": "",
    "body": "Rally: interview with Acme Research booked, Mon May 4, 2:00 PM EDT. https://sms.example/m/Zk3 "
    "Reply STOP to opt out, HELP for help.",
    "booking_id": "booking-7",
    "cause_at": _at(14),
    "change_id": "change-3",
    "carrier_code": None,
    "carrier_uuid": CARRIER_UUID,
    "claim_id": "4c1f3a0d9b7e4f0fa6d2c5e8b1037d42",
    "consent_at": _at(13, 30),
    "consent_id": "consent-7",
    "counted_ids": [f"{TEXT_ID}#1"],
    "day_of": None,
    "deadline_at": _at(14, 0, 3),
    "delivery_event_id": "delivery-event-1",
    "disclosure_sha256": "9f2c8a51d6c4f0b7e3a81d5f6b9c2e40718293a4b5c6d7e8f90123456789abcd",
    "disclosure_text": "By entering your phone number, you consent to receive messages for this event via"
    " SMS. Message and data rates may apply.",
    "disclosure_version": "2026-01",
    "due_at": _at(14),
    "effective_at": _at(14, 5, 1),
    "ended_at": _at(15),
    "error_code": "000",
    "event_id": "booking-7",
    "evidence_digest": "3b5c7d9e1f2a4b6c8d0e1f2a3b4c5d6e",
    "fact_id": "fact-1",
    "first_due_at": _at(14),
    "form_version": "2026-01",
    "from_ref": "0c4e8f1a2b3d5c6e7f8091a2b3c4d5e6",
    "hash": "6f1d2c3b4a5968778695a4b3c2d1e0f0112233445566778899aabbccddeeff00",
    "hold_at": _at(14, 10),
    "inbound_uuid": INBOUND_UUID,
    "ip": "192.0.2.7",
    "join_url": "https://meet.example/acme-7",
    "key": b"upstream",
    "lateness_s": None,
    "locale": "en-US",
    "manage_url": "https://acme.example/bookings/7",
    "message_id": "message-1",
    "news": None,
    "not_after": _at(18),
    "notice_id": "notice-1",
    "offset": 42,
    "partition": 3,
    "payload": b'{"type": "booking", "booking_id": 7}',
    "person_id": "person-7",
    "phone": "+13305550147",
    "phone_error": None,
    "phone_ref": "8d5f1c3e9a7b2f4d6c8e0a1b3d5f7c9e",
    "phone_typed": "(330) 555-0147",
    "place": None,
    "plan_version": 1,
    "posted_at": _at(14, 0, 1),
    "previous": "0" * 64,
    "reason": None,
    "received_at": _at(14, 0, 0),
    "region": "US",
    "released_at": _at(14, 0, 1),
    "replaces_booking_id": None,
    "reply_token": None,
    "revision": 1,
    "scope": "event",
    "segments": 1,
    "segments_billed": None,
    "segments_predicted": 1,
    "seq": 17,
    "sequence": 2,
    "settings_revision": 4,
    "sha256": "1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f809",
    "sign_up_id": "sign-up-1",
    "size_bytes": 36,
    "source": "sign_up",
    "source_url": "https://sms.example/join",
    "start_at": None,
    "starts_at": _at(18),
    "status": "booked",
    "stop_at": _at(14, 5),
    "study_id": "study-2",
    "study_revision": 2,
    "text": "Can I come ten minutes later?",
    "text_id": TEXT_ID,
    "to": "+13305550148",
    "to_ref": "1f3e5d7c9b8a6f4e2d0c1b3a5f7e9d8c",
    "topic": "booking-events",
    "tries": 1,
    "units": 1,
    "user_agent": "Mozilla/5.0",
    "value": True,
    "version": 1,
    "words": "2026-01",
    "workspace_id": "acme",
    "workspace_name": "Acme Research",
    "workspace_revision": 4,
    "zone": "America/New_York",
    "zone_error": None,
}
OWN_VALUES: dict[tuple[type[Struct], str], Any] = {
    (bookings.BookingEvent, "phone"): "(330) 555-0147",
    (consent.ConsentChange, "phone"): "(330) 555-0147",
    (delivery_events.DeliveryEvent, "carrier_uuid"): None,
    (delivery_events.DeliveryEvent, "attempt"): None,
    (journal.NotSent, "reason"): "connection refused",
    (journal.Unknown, "reason"): "timeout after the first byte",
    (journal.Rejected, "reason"): "invalid destination",
    (phone_states.StopState, "hold_at"): None,
    (dead_letters.DeadLetter, "reason"): "Expected `str`, got `int` - at `$.booking_id`",
    (notices.Notice, "reason"): "capped",
    (sms.DeliveryReport, "status"): "delivered",
    (deliveries.Delivery, "counted_ids"): [],
}
VARIANTS: dict[type[Message], dict[str, dict[str, Any]]] = {
    bookings.BookingEvent: {
        "moved": {"message_id": "message-2", "revision": 2, "starts_at": _at(20)},
        "cancelled": {"message_id": "message-3", "revision": 3, "status": "cancelled"},
        "without-phone": {"phone": None, "region": None},
        "day-of": {
            "message_id": "message-4",
            "revision": 4,
            "day_of": bookings.DayOf(kind="interviewer_late", notice_id="late-1"),
        },
    },
    consent.ConsentChange: {
        "withdraw": {"action": "withdraw", "source": "staff", "evidence": None, "reason": "asked by e-mail"},
    },
    SettingsChange: {
        "study-reminder-off": {"study_id": "study-2", "name": "interview_reminder", "value": False},
        "allowed-hosts": {"study_id": None, "name": "allowed_hosts", "value": ["meet.example"]},
    },
    delivery_events.DeliveryEvent: {
        "accepted": {
            "delivery_event_id": "delivery-event-2",
            "state": "accepted",
            "final": True,
            "attempt": 1,
            "carrier_uuid": CARRIER_UUID,
        }
        | {"lateness_s": 1.25},
        "suppressed": {
            "delivery_event_id": "delivery-event-3",
            "state": "suppressed",
            "final": True,
            "reason": "opted_out",
        },
    },
}
