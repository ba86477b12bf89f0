"""The partition of a key: Kafka's default (murmur2), computed here so that every process agrees on it."""

from collections.abc import Callable
from functools import lru_cache
from struct import Struct
from typing import NamedTuple

_MASK = 0xFFFFFFFF
_M = 0x5BD1E995
_SEED = 0x9747B28C


@lru_cache(maxsize=262_144)
def partition_for(key: bytes, count: int) -> int:
    """Partition of ``key`` on a topic of ``count`` partitions, as the Java client chooses it.

    Other upstream clients may hash otherwise, so a foreign record's partition is never trusted.
    """
    return (murmur2(key) & 0x7FFFFFFF) % count


def murmur2(key: bytes) -> int:
    """Kafka's 32-bit murmur2 of ``key``, unsigned (``org.apache.kafka.common.utils.Utils.murmur2``).

    All words are mixed at once, as lanes of one large number; only the chain over them is left to a loop.
    """
    words, rest = divmod(len(key), 4)
    shape = _shape(words)
    mixed = int.from_bytes(shape.pack(*shape.words(key)), "little") * _M & shape.low
    mixed = (mixed ^ (mixed >> 24 & shape.top)) * _M
    h = _SEED ^ len(key)
    for k in shape.lanes(mixed.to_bytes(words * 8, "little")):
        h = (h * _M ^ k) & _MASK
    if rest:
        h = ((h ^ int.from_bytes(key[-rest:], "little")) * _M) & _MASK
    h = ((h ^ (h >> 13)) * _M) & _MASK
    return h ^ (h >> 15)


class _Shape(NamedTuple):
    """How to read 32-bit words and to spread them over lanes of 64 bits, and the masks of all lanes."""

    words: Callable[[bytes], tuple[int, ...]]
    pack: Callable[..., bytes]
    lanes: Callable[[bytes], tuple[int, ...]]
    low: int
    top: int


@lru_cache(maxsize=1024)
def _shape(words: int) -> _Shape:
    lanes = Struct(f"<{words}Q")
    low, top = (sum(mask << (64 * n) for n in range(words)) for mask in (_MASK, 0xFF))
    return _Shape(Struct(f"<{words}I").unpack_from, lanes.pack, lanes.unpack, low, top)
