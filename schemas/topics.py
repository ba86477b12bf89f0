"""Every topic once: what it carries, its key, how long it is kept, who writes and who reads it."""

from typing import Any

import msgspec

from schemas.base import Message
from schemas.internal_topics import (
    BOOKING_INPUTS,
    BOOKINGS,
    CONSENT_FACTS,
    CONSENT_LEDGER,
    CONSENTS_IN,
    DEAD_LETTERS,
    DELIVERY_REPORTS,
    INBOUND_SMS,
    PHONE_STATES,
    SETTINGS_COPIES,
    SIGN_UPS,
    SMS_JOURNAL,
    TEXTS_DUE,
)
from schemas.public_topics import (
    BOOKING_EVENTS,
    CONSENT_CHANGES,
    DELIVERY_EVENTS,
    NOTICES,
    SETTINGS_CHANGES,
    SMS_DELIVERIES,
)
from schemas.topic import DAY_S, Topic

__all__ = [
    "BOOKINGS",
    "BOOKING_EVENTS",
    "BOOKING_INPUTS",
    "BY_NAME",
    "CONSENTS_IN",
    "CONSENT_CHANGES",
    "CONSENT_FACTS",
    "CONSENT_LEDGER",
    "DAY_S",
    "DEAD_LETTERS",
    "DELIVERY_EVENTS",
    "DELIVERY_REPORTS",
    "INBOUND_SMS",
    "NOTICES",
    "PHONE_STATES",
    "SETTINGS_CHANGES",
    "SETTINGS_COPIES",
    "SIGN_UPS",
    "SMS_DELIVERIES",
    "SMS_JOURNAL",
    "TABLES",
    "TEXTS_DUE",
    "TOPICS",
    "TOPIC_OF",
    "Topic",
    "decode",
]

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
    try:
        return decoder.decode(payload)
    except RecursionError:
        raise msgspec.DecodeError("nested too deeply") from None
    except UnicodeDecodeError:
        raise msgspec.DecodeError("not UTF-8") from None
