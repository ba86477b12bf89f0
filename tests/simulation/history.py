"""What happened in a world, a line each, for people."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from schemas.base import Message
from schemas.bookings import (
    BookingEvent,
    BookingInput,
    BookingState,
    DayOfAsked,
    Handover,
    Left,
    ReplyDue,
    TextEnded,
)
from schemas.consent import ConsentChange, ConsentEnded, ConsentGiven
from schemas.deliveries import Delivery, Withdrawal
from schemas.delivery_events import DeliveryEvent
from schemas.ledger import ConsentFact, LedgerEntry
from schemas.notices import Notice
from schemas.phone_states import StopState
from schemas.settings import SettingCopy, SettingsChange
from schemas.sign_ups import PhoneGiven, SignUp
from schemas.sms import InboundSms

Name = Callable[[str | None], str]
"""The short name of a phone, by number or reference."""


class Names:
    """Phones by a short name in place of their reference or number."""

    def __init__(self, names: dict[str, str]) -> None:
        self._names = names

    def of(self, phone: str | None) -> str:
        """The name of a number or reference."""
        return "no phone" if phone is None else self._names.get(phone, phone[:6])

    def brief(self, message: Message) -> str:
        """The fields of a message that tell its story."""
        told = TOLD.get(type(message))
        if told is not None:
            return told(message, self.of)
        whose = f" of {self.of(message.phone_ref)}" if hasattr(message, "phone_ref") else ""
        return f"{type(message).__name__}{whose}"


def _booking(m: BookingEvent | BookingInput, name: Name) -> str:
    day_of = f" {m.day_of.kind}" if m.day_of else ""
    replaces = f" replaces {m.replaces_booking_id}" if m.replaces_booking_id else ""
    what = f"booking {m.booking_id}@{m.revision} {m.status} {_time(m.starts_at)}"
    return f"{what}{day_of}{replaces} phone {name(m.phone)}"


def _state(m: BookingState, name: Name) -> str:
    awaits = ", awaits a handover" if m.awaits_handover else ""
    return f"state v{m.version} to {name(m.phone_ref)}: {_booking(m.booking, name)}{awaits}"


def _handover(m: Handover, name: Name) -> str:
    told = f"{m.told.status} {_time(m.told.starts_at)}" if m.told else "nothing"
    known = f"told {told}, {len(m.counted_ids)} count"
    return f"handover v{m.version} of {m.event_id} to {name(m.phone_ref)}: {known}"


def _change(m: ConsentChange, name: Name) -> str:
    whose = "all of the phone" if m.phone_wide else f"{m.person_id} in {m.workspace_id}"
    return f"{m.action} by {m.source}: {whose}, {name(m.phone)}"


def _stops(m: StopState, name: Name) -> str:
    times = f"stop {_time(m.stop_at)}, start {_time(m.start_at)}, hold {_time(m.hold_at)}"
    return f"{name(m.phone_ref)} now: {times}"


def _setting(m: SettingsChange | SettingCopy, _: Name) -> str:
    return f"{m.name} of {m.workspace_id}/{m.study_id or ''} is {m.value}, revision {m.revision}"


def _sign_up(m: SignUp | PhoneGiven, name: Name) -> str:
    return f"sign-up {m.sign_up_id} for {m.event_id}: {name(m.phone)}"


def _text(text: Any, name: Name) -> str:
    version = f"{text.text_id[:5]} v{text.plan_version}"
    return f"{text.wording} {text.event_id or ''} {name(text.phone_ref)} {version}"


def _time(at: datetime | None) -> str:
    return "never" if at is None else f"{at:%d %H:%M:%S}"


TOLD: dict[type[Message], Callable[[Any, Name], str]] = {
    BookingEvent: _booking,
    BookingInput: _booking,
    BookingState: _state,
    Left: lambda m, name: f"{m.event_id} leaves {name(m.phone_ref)} v{m.version} for {name(m.to)}",
    Handover: _handover,
    SignUp: _sign_up,
    PhoneGiven: _sign_up,
    TextEnded: lambda m, name: f"{m.text_id[:5]} v{m.plan_version} ended {m.end}",
    Delivery: lambda m, name: f"send {_text(m.text, name)} until {_time(m.not_after)}",
    Withdrawal: lambda m, name: f"withdraw {_text(m.text, name)}: {m.reason}",
    DeliveryEvent: lambda m, name: f"plan {_text(m, name)} due {_time(m.due_at)}",
    ReplyDue: lambda m, name: f"answer {m.answer} to {name(m.phone_ref)}",
    ConsentChange: _change,
    ConsentGiven: lambda m, name: f"consent of {m.person_id} for {m.event_id or 'all'}, {name(m.phone_ref)}",
    ConsentEnded: lambda m, name: f"end by {m.by} of {m.person_id or 'all'}, {name(m.phone_ref)}",
    InboundSms: lambda m, name: f"{name(m.phone_ref)} texts {m.text!r} ({m.signature})",
    StopState: _stops,
    DayOfAsked: lambda m, _: f"staff asks {m.event_id} for {m.kind}",
    SettingsChange: _setting,
    SettingCopy: _setting,
    ConsentFact: lambda m, name: (
        f"fact {m.kind} of {name(m.phone_ref)} by {m.source} {m.reason or ''}".strip()
    ),
    LedgerEntry: lambda m, name: f"entry {m.partition}#{m.seq} {m.fact.kind}",
    Notice: lambda m, name: f"notice {m.kind} of {m.booking_id}",
}
