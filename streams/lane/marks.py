"""Marks: rows of a table that say up to which offset of a source topic the table holds the effects.

A mark is a row of its own, the last one of its batch's record batch, which the broker takes whole or not at
all. Log compaction keeps it, as it keeps every last row of a key: the end of a changelog is always live.
"""

import msgspec

_PREFIX = b"\0mark\0"


class Mark(msgspec.Struct, frozen=True):
    """``offset``: the last offset of the source partition whose effects are in the table."""

    offset: int


_decoder = msgspec.json.Decoder(Mark)


def mark_key(topic: str) -> bytes:
    """Changelog key of the mark of source ``topic`` (the partition is the changelog's own)."""
    return _PREFIX + topic.encode()


def encode_mark(offset: int) -> bytes:
    """Changelog value of a mark."""
    return msgspec.json.encode(Mark(offset))


def decode_mark(value: bytes) -> int:
    """The offset of a mark. Raises ``msgspec.DecodeError`` if this is none."""
    return _decoder.decode(value).offset


def is_internal(key: bytes) -> bool:
    """Whether a changelog key is the lane's own and no row of the application."""
    return key[:1] == b"\0"
