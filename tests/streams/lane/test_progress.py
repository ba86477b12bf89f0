from typing import Any

import pytest
from faust.types import TP

from streams.lane import Hole
from streams.lane.delivery import Fetched
from streams.lane.progress import Progress
from tests.streams.lane.stand import record

PLAIN, HOLED = TP("in", 0), TP("compacted", 0)


def fetched(tp: TP, *offsets: int, end: int | None = None) -> Fetched:
    records: list[Any] = [record(tp, offset, "x") for offset in offsets]
    return Fetched(records, end if end is not None else offsets[-1] + 1)


@pytest.fixture
def progress() -> Progress:
    progress = Progress({"in": False, "compacted": True})
    progress.start({PLAIN: 5, HOLED: 5})
    return progress


def test_deliveries_follow_each_other(progress: Progress) -> None:
    one = progress.fetch(PLAIN, fetched(PLAIN, 5, 6), 1)
    two = progress.fetch(PLAIN, fetched(PLAIN, 7), 1)
    assert [(d.start, d.end) for d in (one, two)] == [(5, 7), (7, 8)]


@pytest.mark.parametrize("offsets", [(6, 7), (4, 5), (5, 7)])
def test_a_hole_is_refused_where_none_can_be(progress: Progress, offsets: tuple[int, ...]) -> None:
    with pytest.raises(Hole):
        progress.fetch(PLAIN, fetched(PLAIN, *offsets), 1)


def test_a_holed_log_may_skip_and_end_behind_its_records(progress: Progress) -> None:
    delivered = progress.fetch(HOLED, fetched(HOLED, 7, 9, end=12), 1)
    assert (delivered.start, delivered.end) == (5, 12)
    nothing = progress.fetch(HOLED, fetched(HOLED, end=20), 1)
    assert (nothing.start, nothing.end, nothing.records) == (12, 20, [])


def test_even_a_holed_log_never_goes_back(progress: Progress) -> None:
    with pytest.raises(Hole):
        progress.fetch(HOLED, fetched(HOLED, 4, 9), 1)


def test_a_delivery_that_was_lost_before_its_body_is_noticed(progress: Progress) -> None:
    progress.fetch(PLAIN, fetched(PLAIN, 5, 6), 1)
    second = progress.fetch(PLAIN, fetched(PLAIN, 7), 1)
    with pytest.raises(Hole):
        progress.check(second)


def test_done_begins_at_the_seek_and_never_goes_back(progress: Progress) -> None:
    assert progress.done[PLAIN] == 5
    progress.finish(PLAIN, 9)
    progress.start({PLAIN: 5})
    assert progress.done[PLAIN] == 9


def test_a_revoked_partition_is_forgotten(progress: Progress) -> None:
    progress.forget([PLAIN])
    assert PLAIN not in progress.done
    progress.start({PLAIN: 3})
    assert progress.done[PLAIN] == 3
