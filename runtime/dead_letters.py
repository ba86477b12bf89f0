"""A record that can't be read, kept with where it came from and why."""

import hashlib
import re
from datetime import datetime
from typing import Protocol

from schemas.dead_letters import PAYLOAD_BYTES_MAX, DeadLetter

_VALUE = re.compile(r""" (['"]).*\1(?= - at |$)""", re.DOTALL)
"""What msgspec quotes from the input, as Python would: in double quotes where an apostrophe is in it."""


class Incoming(Protocol):
    """The part of a Kafka record that is kept."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None


def dead_letter(record: Incoming, reason: str, now: datetime) -> DeadLetter:
    """The dead letter of a record; ``reason`` names the field, never the value."""
    payload = record.value
    return DeadLetter(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        key=None if record.key is None else record.key[:1024],
        payload=None if payload is None else payload[:PAYLOAD_BYTES_MAX],
        sha256=hashlib.sha256(payload or b"").hexdigest(),
        size_bytes=len(payload or b""),
        reason=reason[:200],
        at=now,
    )


def without_value(error: Exception) -> str:
    """What a decoder says of a record, without the value that it quotes."""
    return _VALUE.sub("", str(error))
