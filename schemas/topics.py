"""Every topic once: what it carries, its key, how long it is kept, who writes and who reads it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from schemas import (
    bookings,
    consent,
    dead_letters,
    deliveries,
    delivery_events,
    journal,
    ledger,
    notices,
    phone_states,
    settings,
    sms,
)
from schemas.base import Message

DAY_S = 86_400
Place = str | int


@dataclass(frozen=True, kw_only=True)
class Topic:
    """A topic. ``key`` names a message; ``place`` is what its partition comes from.

    A ``place`` that is a string is hashed by our partitioner; an integer is the partition itself. Topics
    that are ``partitioned`` share one partition count, for ever, because the worker's tables lie along it.
    """

    name: str
    messages: tuple[type[Message], ...]
    key: Callable[[Any], str]
    place: Callable[[Any], Place] | None = None
    writers: tuple[str, ...]
    readers: tuple[str, ...]
    public: bool = False
    partitioned: bool = True
    cleanup: Literal["delete", "compact"] = "delete"
    retention_s: int | None = 30 * DAY_S
    personal: bool = True
    """May hold personal data."""

    def place_of(self, message: Message) -> Place:
        """What the partition of this message comes from."""
        return self.key(message) if self.place is None else self.place(message)


def _phone(message: Any) -> str:
    return str(message.phone_ref)


def _event(message: Any) -> str:
    return f"{message.workspace_id}/{message.event_id}"


def _booking(message: Any) -> str:
    return f"{message.workspace_id}/{message.booking_id}"


def _text(message: Any) -> str:
    return str(message.text.phone_ref)


def _delivery(message: Any) -> str:
    if isinstance(message, deliveries.ScopeWithdrawal):
        return f"{message.workspace_id}|{message.study_id or ''}"
    return _text(message)


def _delivery_place(message: Any) -> Place:
    return message.partition if isinstance(message, deliveries.ScopeWithdrawal) else _text(message)


def _setting(message: Any) -> str:
    return f"{message.workspace_id}|{message.study_id or ''}|{message.name}"


def _phone_state(message: Any) -> str:
    match message:
        case phone_states.StopState():
            return f"{message.phone_ref}|stop"
        case phone_states.StartAsked():
            return f"{message.phone_ref}|start-asked"
        case phone_states.EndedState(workspace_id=None):
            return f"{message.phone_ref}|ended"
        case _:
            return f"{message.phone_ref}|ended|{message.workspace_id}|{message.person_id}"


BOOKING_EVENTS = Topic(
    name="booking-events",
    messages=(bookings.BookingEvent,),
    key=_booking,
    writers=("upstream", "gateway"),
    readers=("intake",),
    public=True,
    partitioned=False,
)
CONSENT_CHANGES = Topic(
    name="consent-changes",
    messages=(consent.ConsentChange,),
    key=lambda m: str(m.workspace_id),
    writers=("upstream", "gateway"),
    readers=("intake",),
    public=True,
    partitioned=False,
)
SETTINGS_CHANGES = Topic(
    name="settings-changes",
    messages=(settings.SettingsChange,),
    key=_setting,
    writers=("upstream", "gateway", "cli"),
    readers=("settings",),
    public=True,
    partitioned=False,
    personal=False,
)
BOOKING_INPUTS = Topic(
    name="booking-inputs",
    messages=(bookings.BookingInput,),
    key=_event,
    writers=("intake",),
    readers=("match", "archive"),
)
SIGN_UPS = Topic(
    name="sign-ups",
    messages=(bookings.SignUp,),
    key=_event,
    writers=("gateway",),
    readers=("match", "archive"),
)
CONSENTS_IN = Topic(
    name="consents-in",
    messages=(consent.ConsentGiven, consent.ConsentEnded),
    key=_phone,
    writers=("intake", "match"),
    readers=("consent", "archive"),
)
INBOUND_SMS = Topic(
    name="inbound-sms",
    messages=(sms.InboundSms, sms.HoldOver, sms.CarrierBlock, sms.StartConfirmed),
    key=_phone,
    writers=("gateway", "clock", "sender"),
    readers=("opt_out", "archive"),
)
SETTINGS_COPIES = Topic(
    name="settings-copies",
    messages=(settings.SettingCopy,),
    key=_setting,
    place=lambda m: m.partition,
    writers=("settings",),
    readers=("switch", "sender", "archive"),
    cleanup="compact",
    retention_s=None,
    personal=False,
)
BOOKINGS = Topic(
    name="bookings",
    messages=(bookings.BookingState, bookings.Left, bookings.Handover, bookings.TextEnded),
    key=_phone,
    writers=("match", "plan", "projector"),
    readers=("plan",),
)
TEXTS_DUE = Topic(
    name="texts-due",
    messages=(bookings.DueText, bookings.ReplyDue, bookings.Tidy),
    key=_phone,
    writers=("clock", "consent", "opt_out", "plan"),
    readers=("release",),
    retention_s=DAY_S,
)
SMS_DELIVERIES = Topic(
    name="sms-deliveries",
    messages=(deliveries.Delivery, deliveries.Withdrawal, deliveries.ScopeWithdrawal),
    key=_delivery,
    place=_delivery_place,
    writers=("plan", "release", "switch"),
    readers=("sender", "archive"),
    public=True,
)
SMS_JOURNAL = Topic(
    name="sms-journal",
    messages=(
        journal.Claimed,
        journal.Accepted,
        journal.NotSent,
        journal.Unknown,
        journal.Suppressed,
        journal.Expired,
        journal.Rejected,
        journal.Unresolved,
        journal.Reported,
    ),
    key=_text,
    writers=("sender",),
    readers=("sender", "projector"),
    personal=False,
)
DELIVERY_REPORTS = Topic(
    name="delivery-reports",
    messages=(sms.DeliveryReport,),
    key=lambda m: str(m.text_id),
    place=lambda m: m.partition,
    writers=("gateway",),
    readers=("sender",),
    personal=False,
)
PHONE_STATES = Topic(
    name="phone-states",
    messages=(phone_states.StopState, phone_states.StartAsked, phone_states.EndedState),
    key=_phone_state,
    place=_phone,
    writers=("consent", "opt_out"),
    readers=("sender",),
    cleanup="compact",
    retention_s=None,
)
DELIVERY_EVENTS = Topic(
    name="delivery-events",
    messages=(delivery_events.DeliveryEvent,),
    key=_phone,
    writers=("projector", "plan"),
    readers=("analytics", "archive"),
    public=True,
    partitioned=False,
    retention_s=90 * DAY_S,
    personal=False,
)
NOTICES = Topic(
    name="notices",
    messages=(notices.Notice,),
    key=_event,
    writers=("match", "opt_out", "projector"),
    readers=("upstream", "archive"),
    public=True,
    partitioned=False,
    retention_s=90 * DAY_S,
    personal=False,
)
CONSENT_FACTS = Topic(
    name="consent-facts",
    messages=(ledger.ConsentFact,),
    key=_phone,
    writers=("consent", "opt_out", "gateway"),
    readers=("ledger",),
    personal=False,
)
CONSENT_LEDGER = Topic(
    name="consent-ledger",
    messages=(ledger.LedgerEntry,),
    key=lambda m: str(m.fact.phone_ref),
    place=lambda m: m.partition,
    writers=("ledger",),
    readers=("archive",),
    retention_s=None,
    personal=False,
)
DEAD_LETTERS = Topic(
    name="dead-letters",
    messages=(dead_letters.DeadLetter,),
    key=lambda m: str(m.topic),
    writers=("worker", "sender", "gateway", "archive"),
    readers=("operator", "archive"),
    partitioned=False,
    retention_s=90 * DAY_S,
)

TOPICS: tuple[Topic, ...] = (
    BOOKING_EVENTS,
    CONSENT_CHANGES,
    SETTINGS_CHANGES,
    BOOKING_INPUTS,
    SIGN_UPS,
    CONSENTS_IN,
    INBOUND_SMS,
    SETTINGS_COPIES,
    BOOKINGS,
    TEXTS_DUE,
    SMS_DELIVERIES,
    SMS_JOURNAL,
    DELIVERY_REPORTS,
    PHONE_STATES,
    DELIVERY_EVENTS,
    NOTICES,
    CONSENT_FACTS,
    CONSENT_LEDGER,
    DEAD_LETTERS,
)
BY_NAME: dict[str, Topic] = {topic.name: topic for topic in TOPICS}
TOPIC_OF: dict[type[Message], Topic] = {message: topic for topic in TOPICS for message in topic.messages}
TABLES: tuple[str, ...] = ("event_phones", "bookings", "consents", "opt_outs", "switches", "ledger")

_DECODERS: dict[str, msgspec.json.Decoder[Any]] = {}


def decode(topic: str, payload: bytes) -> Any:
    """The message of a topic from its bytes.

    Raises ``msgspec.DecodeError`` (``ValidationError`` names the field) if it cannot be read.
    """
    decoder = _DECODERS.get(topic)
    if decoder is None:
        union: Any = None
        for message in BY_NAME[topic].messages:
            union = message if union is None else union | message
        decoder = _DECODERS[topic] = msgspec.json.Decoder(union)
    return decoder.decode(payload)
