"""The partition of a key: Kafka's default (murmur2), computed here so that every process agrees on it."""

from functools import lru_cache
from struct import unpack_from

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
    """Kafka's 32-bit murmur2 of ``key``, unsigned (``org.apache.kafka.common.utils.Utils.murmur2``)."""
    words = len(key) // 4
    h = _SEED ^ len(key)
    for word in unpack_from(f"<{words}I", key):
        k = (word * _M) & _MASK
        h = ((h * _M) ^ ((k ^ (k >> 24)) * _M)) & _MASK
    tail = key[words * 4 :]
    if tail:
        h = ((h ^ int.from_bytes(tail, "little")) * _M) & _MASK
    h = ((h ^ (h >> 13)) * _M) & _MASK
    return h ^ (h >> 15)
