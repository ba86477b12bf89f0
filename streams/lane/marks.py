"""Marks: rows of a table that say up to which offset of a source topic the table holds the effects.

A mark is a row of its own, the last one of its batch's record batch, which the broker takes whole or not at
all. Log compaction keeps it, as it keeps every last row of a key: the end of a changelog is always live.
"""

import msgspec

_PREFIX = b"\0mark\0"


class Mark(msgspec.Struct, frozen=True):
    """``offset``: the last offset of the source partition whose effects are in the table.

    ``seen``, ``seen_ms``: offset and time of the last record, which tells this log from another; -1: of a
    version that did not say.
    """

    offset: int
    seen: int = -1
    seen_ms: int = -1


_decoder = msgspec.json.Decoder(Mark)


def mark_key(topic: str) -> bytes:
    """Changelog key of the mark of source ``topic`` (the partition is the changelog's own)."""
    return _PREFIX + topic.encode()


def encode_mark(mark: Mark) -> bytes:
    """Changelog value of a mark."""
    return msgspec.json.encode(mark)


def decode_mark(value: bytes) -> Mark:
    """The mark of a changelog value. Raises ``msgspec.DecodeError`` if this is none."""
    return _decoder.decode(value)


def is_internal(key: bytes) -> bool:
    """Whether a changelog key is the lane's own and no row of the application."""
    return key[:1] == b"\0"
