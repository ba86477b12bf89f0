"""Whose rows count, read in order."""

from collections.abc import Iterable

import pytest
from aiokafka import ConsumerRecord

from streams.lane.epochs import FENCE_KEY, Reading, encode_fence, epoch_of, fenced_epoch, stamp

Row = tuple[int | None, bytes, bytes | None]


def records(rows: Iterable[Row]) -> list["ConsumerRecord[bytes, bytes]"]:
    return [
        ConsumerRecord("c", 0, n, 0, 0, key, value, None, len(key), len(value or b""), tuple(stamp(epoch)))
        for n, (epoch, key, value) in enumerate(rows)
    ]


def fence(epoch: int) -> Row:
    return epoch, FENCE_KEY, encode_fence(epoch, "somebody")


@pytest.mark.parametrize(
    ("rows", "kept", "covered"),
    [
        # the owner alone
        ([fence(1), (1, b"a", b"1"), (1, b"a", b"2")], {b"a": b"2"}, set()),
        # a worker of before, behind the fence of the next: left out, tombstones too
        ([fence(1), (1, b"a", b"1"), fence(2), (1, b"a", b"x"), (1, b"b", None)], {b"a": b"1"}, {b"a", b"b"}),
        # before the fence it was still the owner
        ([fence(1), (1, b"a", b"1"), (1, b"a", b"2"), fence(2)], {b"a": b"2"}, set()),
        # the owner wrote it again
        ([fence(2), (1, b"a", b"x"), (2, b"a", b"3")], {b"a": b"3"}, set()),
        # a fence that comes too late fences nobody
        ([fence(2), fence(1), (2, b"a", b"1"), (1, b"b", b"x")], {b"a": b"1"}, {FENCE_KEY, b"b"}),
        # the fence is compacted away: a row of the epoch says the same
        ([(2, b"a", b"1"), (1, b"b", b"x")], {b"a": b"1"}, {b"b"}),
        # rows of a version without epochs count, before and after
        ([(None, b"a", b"1"), fence(1), (None, b"b", b"2")], {b"a": b"1", b"b": b"2"}, set()),
    ],
)
def test_rows_that_count(rows: list[Row], kept: dict[bytes, bytes], covered: set[bytes]) -> None:
    reading = Reading(0)
    found = dict(reading.take(records(rows)))
    found.pop(FENCE_KEY, None)
    assert (found, reading.covered) == (kept, covered)
    assert reading.ignored >= len(covered)


def test_what_counts_does_not_hang_on_how_it_is_read() -> None:
    rows = [fence(1), (1, b"a", b"1"), fence(2), (1, b"a", b"x"), (2, b"b", b"2"), (1, b"b", b"x")]
    whole, single = Reading(0), Reading(0)
    at_once = whole.take(records(rows))
    one_by_one: dict[bytes, bytes | None] = {}
    for record in records(rows):
        one_by_one |= single.take([record])
    assert at_once == one_by_one
    assert (whole.epoch, whole.covered, whole.ignored) == (single.epoch, single.covered, single.ignored)


def test_a_fence_names_its_epoch() -> None:
    assert fenced_epoch(encode_fence(7, "me")) == 7
    assert fenced_epoch(None) == 0
    assert epoch_of([("other", b"x"), *stamp(12)]) == 12
    assert epoch_of([]) is None
    with pytest.raises(ValueError, match="invalid literal"):
        epoch_of([("epoch", b"x")])
