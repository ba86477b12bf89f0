import random
from collections import Counter

import pytest
from aiokafka.partitioner import murmur2 as aiokafka_murmur2

from runtime.partition import murmur2, partition_for


# vectors of Apache Kafka's own UtilsTest.testMurmur2
@pytest.mark.parametrize(
    ("key", "signed"),
    [
        (b"21", -973932308),
        (b"foobar", -790332482),
        (b"a-little-bit-long-string", -985981536),
        (b"a-little-bit-longer-string", -1486304829),
        (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        (b"abc", 479470107),
    ],
)
def test_agrees_with_the_vectors_of_kafka(key: bytes, signed: int) -> None:
    assert murmur2(key) == signed % 2**32


@pytest.mark.parametrize("length", range(40))
def test_agrees_with_another_implementation(length: int) -> None:
    key = random.Random(length).randbytes(length)
    assert murmur2(key) == aiokafka_murmur2(key)


def test_spreads_keys_over_all_partitions() -> None:
    counts = Counter(partition_for(b"phone-%d" % n, 12) for n in range(12_000))
    assert set(counts) == set(range(12))
    assert min(counts.values()) > 800
