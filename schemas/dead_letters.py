"""What could not be read: kept with where it came from and why."""

from typing import Annotated

from msgspec import Meta

from schemas.base import At, Count, Line, Message

PAYLOAD_BYTES_MAX = 65_536


class DeadLetter(Message, frozen=True, kw_only=True, tag_field="type", tag="dead-letter"):
    """A record that could not be handled. ``payload`` is its first 64 KiB (base64 in JSON)."""

    topic: Line
    partition: Count
    offset: Count
    key: Annotated[bytes, Meta(max_length=1024)] | None
    payload: Annotated[bytes, Meta(max_length=PAYLOAD_BYTES_MAX)] | None
    sha256: str
    size_bytes: Count
    reason: Line
    """What is wrong, with the field where there is one; never the value."""
    at: At
