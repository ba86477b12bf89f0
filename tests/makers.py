"""Made-up bookings, sign-ups, consents and replies, complete but for what a test is about."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from rules.disclosures import sha256
from rules.ids import phone_ref, stable_id
from rules.policy import Policy
from rules.texts import CONSENT_TEXT, CONSENT_VERSION, consent_sha256
from schemas.bookings import BookingEvent, BookingInput
from schemas.consent import ConsentChange, ConsentEnded, ConsentGiven, Evidence
from schemas.settings import SettingsChange
from schemas.sign_ups import SignUp
from schemas.sms import InboundSms

KEY = b"reference"
NEW_YORK = ZoneInfo("America/New_York")
TUESDAY = datetime(2026, 11, 24, tzinfo=NEW_YORK)
PHONE = "+13308235501"
OTHER_PHONE = "+13308235502"
THIRD_PHONE = "+13308235503"
BRITISH_PHONE = "+447400123456"


def at(clock: str, *, day: int = 0) -> datetime:
    """An instant in UTC by the wall clock of New York: ``"14:45"`` on the Tuesday, or ``day`` days later."""
    date = (TUESDAY + timedelta(days=day)).date()
    return datetime.combine(date, time.fromisoformat(clock), NEW_YORK).astimezone(UTC)


def policy(**changes: Any) -> Policy:
    """The product's own settings."""
    settings: dict[str, Any] = {
        "reference_key": KEY,
        "link_key": b"link",
        "public_url": "https://texts.example.org",
        "support_contact": "help@example.org",
        "partitions": 1,
    }
    return Policy(**{**settings, **changes})


def ref(phone: str) -> str:
    """The reference of a phone."""
    return phone_ref(KEY, phone)


def a_booking_event(**changes: Any) -> BookingEvent:
    """A booking as upstream publishes it: 15:00, own phone, revision 1."""
    fields: dict[str, Any] = {
        "message_id": "m1",
        "workspace_id": "w1",
        "workspace_name": "Acme Research",
        "study_id": "s1",
        "booking_id": "b1",
        "person_id": "p1",
        "revision": 1,
        "status": "booked",
        "starts_at": at("15:00"),
        "zone": "America/New_York",
        "phone": PHONE,
    }
    return BookingEvent(**{**fields, **changes})


def a_booking(**changes: Any) -> BookingInput:
    """The same as intake passes it on."""
    fields: dict[str, Any] = {
        "workspace_id": "w1",
        "workspace_name": "Acme Research",
        "study_id": "s1",
        "booking_id": "b1",
        "event_id": "b1",
        "replaces_booking_id": None,
        "person_id": "p1",
        "revision": 1,
        "status": "booked",
        "starts_at": at("15:00"),
        "zone": "America/New_York",
        "zone_error": None,
        "phone": PHONE,
        "phone_error": None,
        "join_url": None,
        "place": None,
        "manage_url": None,
        "day_of": None,
        "announce": True,
        "is_test": False,
        "received_at": at("12:00"),
    }
    return BookingInput(**{**fields, **changes})


def a_sign_up(**changes: Any) -> SignUp:
    """A Submit of the sign-up page at noon."""
    fields: dict[str, Any] = {
        "sign_up_id": "su1",
        "workspace_id": "w1",
        "study_id": "s1",
        "event_id": "b1",
        "person_id": "p1",
        "phone": PHONE,
        "phone_typed": "(330) 823-5501",
        "at": at("12:00"),
        "zone": "America/New_York",
        "disclosure_version": CONSENT_VERSION,
        "disclosure_sha256": consent_sha256(),
        "disclosure_text": CONSENT_TEXT,
        "act": "submit",
        "source_url": "https://texts.example.org/s/abc",
        "form_version": "1",
        "ip": "192.0.2.7",
        "user_agent": "browser",
        "locale": "en-US",
    }
    return SignUp(**{**fields, **changes})


def evidence(**changes: Any) -> Evidence:
    """What proves a consent taken by upstream."""
    fields: dict[str, Any] = {
        "disclosure_version": CONSENT_VERSION,
        "disclosure_sha256": consent_sha256(),
        "disclosure_text": CONSENT_TEXT,
        "act": "upstream",
        "phone_typed": PHONE,
    }
    return Evidence(**{**fields, **changes})


WIDER = "You agree to be texted about all interviews of this workspace."


def wider_evidence() -> Evidence:
    """Words of an upstream's own, which cover a whole workspace."""
    return evidence(disclosure_version="wide-1", disclosure_sha256=sha256(WIDER), disclosure_text=WIDER)


def a_change(**changes: Any) -> ConsentChange:
    """A consent that upstream reports, for the event; of scope ``workspace`` by wider words."""
    if changes.get("scope") == "workspace":
        changes = {"evidence": wider_evidence(), **changes}
    fields: dict[str, Any] = {
        "message_id": "c1",
        "action": "grant",
        "source": "upstream",
        "workspace_id": "w1",
        "person_id": "p1",
        "phone": PHONE,
        "event_id": "b1",
        "evidence": evidence(),
        "at": at("12:00"),
    }
    return ConsentChange(**{**fields, **changes})


def a_consent(**changes: Any) -> ConsentGiven:
    """The same as intake passes it on."""
    phone = changes.get("phone", PHONE)
    fields: dict[str, Any] = {
        "consent_id": "consent1",
        "phone": phone,
        "phone_ref": ref(phone),
        "workspace_id": "w1",
        "person_id": "p1",
        "event_id": "b1",
        "source": "sign_up",
        "evidence": evidence(),
        "actor": None,
        "reason": None,
        "at": at("12:00"),
        "received_at": at("12:00"),
    }
    return ConsentGiven(**{**fields, **changes})


def an_end(**changes: Any) -> ConsentEnded:
    """The end of all consents of a person in a workspace, by the manage page, at one o'clock."""
    fields: dict[str, Any] = {
        "change_id": "end1",
        "phone_ref": ref(PHONE),
        "workspace_id": "w1",
        "person_id": "p1",
        "phone_wide": False,
        "by": "manage_page",
        "actor": None,
        "reason": None,
        "at": at("13:00"),
        "received_at": at("13:00"),
    }
    return ConsentEnded(**{**fields, **changes})


def a_setting(**changes: Any) -> SettingsChange:
    """An admin turns texting on in the workspace."""
    fields: dict[str, Any] = {
        "message_id": "set1",
        "workspace_id": "w1",
        "name": "sms_enabled",
        "value": True,
        "revision": 1,
        "actor": "admin@example.org",
        "at": at("08:00"),
    }
    return SettingsChange(**{**fields, **changes})


def an_sms(text: str, **changes: Any) -> InboundSms:
    """A reply at one o'clock."""
    phone = changes.get("phone", PHONE)
    fields: dict[str, Any] = {
        "inbound_uuid": stable_id(KEY, text, str(changes.get("received_at"))),
        "phone": phone,
        "phone_ref": ref(phone),
        "text": text,
        "intent": "",
        "signature": "v3",
        "received_at": at("13:00"),
    }
    return InboundSms(**{**fields, **changes})
