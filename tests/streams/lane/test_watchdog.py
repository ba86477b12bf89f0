"""A batch that never gets done ends the worker; one that is only slow does not."""

import time

import pytest

from streams.lane import LaneError
from streams.lane.watchdog import Watchdog
from tests.streams.lane.stand import Stand


def watched(oldest_at: float | None, *, for_s: float, failed: bool = False) -> tuple[list[float], list[int]]:
    given_up: list[float] = []
    ended: list[int] = []
    dog = Watchdog(lambda: oldest_at, limit_s=0.2, give_up=given_up.append,
        has_failed=lambda: failed, grace_s=0.2, end=ended.append,
    )  # fmt: skip
    dog.start()
    time.sleep(for_s)
    dog.stop()
    return given_up, ended


@pytest.mark.long
def test_nothing_under_way_or_not_for_long_is_left_alone() -> None:
    assert watched(None, for_s=0.5) == ([], [])
    assert watched(time.monotonic(), for_s=0.1) == ([], [])


@pytest.mark.long
def test_too_long_is_given_up_once_then_the_process_is_ended() -> None:
    given_up, ended = watched(time.monotonic(), for_s=0.5)
    assert len(given_up) == 1
    assert ended == [1]


@pytest.mark.long
def test_who_failed_and_hangs_in_stopping_is_ended() -> None:
    assert watched(None, for_s=0.1, failed=True) == ([], [])
    assert watched(None, for_s=0.5, failed=True) == ([], [1])


async def test_a_worker_knows_its_oldest_batch() -> None:
    stand = await Stand().start()
    assert stand.lane.oldest_at() is None
    stand.producer.held = True
    before = time.monotonic()
    await stand.count(stand.delivery("a"))
    first = stand.lane.oldest_at()
    await stand.count(stand.delivery("b", start=1))
    assert first is not None
    assert before <= first <= time.monotonic()
    assert stand.lane.oldest_at() == first
    stand.producer.held = False
    for sent in stand.producer.sent:
        sent.acknowledge()
    await stand.settle()
    assert stand.lane.oldest_at() is None


async def test_giving_up_stops_the_lane() -> None:
    stand = await Stand().start()
    stand.lane.give_up(99)
    await stand.settle()
    assert [type(error) for error in stand.crashes] == [LaneError]
