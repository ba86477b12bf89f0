"""Further samples of some messages: what differs from the first one, by the variant's name."""

from typing import Any

from schemas import bookings, consent, delivery_events, notices
from schemas.base import Message
from schemas.settings import SettingsChange
from schemas.story import CARRIER_UUID, at

VARIANTS: dict[type[Message], dict[str, dict[str, Any]]] = {
    bookings.BookingEvent: {
        "moved": {"message_id": "message-2", "revision": 2, "starts_at": at(20)},
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
    notices.Notice: {
        "phone-invalid": {
            "notice_id": "notice-2",
            "kind": "phone_invalid",
            "text_id": None,
            "reason": "too few digits",
        },
        "zone-invalid": {
            "notice_id": "notice-3",
            "kind": "zone_invalid",
            "text_id": None,
            "reason": "no such time zone",
        },
        "waiting-for-phone": {
            "notice_id": "notice-4",
            "kind": "waiting_for_phone",
            "text_id": None,
            "reason": "the booking has no phone and no sign-up gave one",
        },
        "texted-cancel": {
            "notice_id": "notice-5",
            "kind": "texted_cancel",
            "text_id": None,
            "reason": "the participant texted CANCEL: opted out of texts, the booking stands",
        },
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
        "delivered": {
            "delivery_event_id": "delivery-event-4",
            "state": "delivered",
            "attempt": 1,
            "carrier_uuid": CARRIER_UUID,
            "segments_billed": 1,
        },
        "undelivered": {
            "delivery_event_id": "delivery-event-5",
            "state": "undelivered",
            "attempt": 1,
            "carrier_uuid": CARRIER_UUID,
            "carrier_code": "30",
        },
        "suppressed": {
            "delivery_event_id": "delivery-event-3",
            "state": "suppressed",
            "final": True,
            "reason": "opted_out",
        },
    },
}
