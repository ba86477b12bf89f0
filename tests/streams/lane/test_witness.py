"""Whether a source still holds the record that a mark names."""

from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition

from streams.lane.marks import Mark
from streams.lane.witness import contradicted

TP = TopicPartition("in", 0)


class Log:
    """A consumer of one log: records by offset with their times, from ``first`` to ``end``."""

    def __init__(self, times: dict[int, int], *, first: int, end: int) -> None:
        self.times, self.first, self.end, self.at = times, first, end, {TP: -1}

    async def beginning_offsets(self, tps: Any) -> dict[TopicPartition, int]:
        return dict.fromkeys(tps, self.first)

    async def end_offsets(self, tps: Any) -> dict[TopicPartition, int]:
        return dict.fromkeys(tps, self.end)

    def assign(self, tps: list[TopicPartition]) -> None:
        self.at = dict.fromkeys(tps, -1)

    def seek(self, tp: TopicPartition, offset: int) -> None:
        self.at[tp] = offset

    async def getmany(self, *tps: TopicPartition, timeout_ms: int) -> dict[TopicPartition, list[Any]]:
        [tp] = tps
        found = [offset for offset in self.times if offset >= self.at[tp]][:2]
        self.at[tp] = found[-1] + 1 if found else self.end
        return {tp: [SimpleNamespace(offset=n, timestamp=self.times[n]) for n in found]} if found else {}

    async def position(self, tp: TopicPartition) -> int:
        return self.at[tp]


@pytest.mark.parametrize(
    ("mark", "log", "other"),
    [
        (Mark(9, 9, 1700), Log({8: 1690, 9: 1700, 10: 1710}, first=0, end=11), False),  # as it was
        (Mark(9, 9, 1700), Log({8: 1690, 9: 1999, 10: 1710}, first=0, end=11), True),
        (Mark(12, 9, 1700), Log({9: 1999}, first=0, end=13), True),  # the last record, then holes
        (Mark(9, 9, 1700), Log({10: 1710}, first=0, end=11), False),  # compacted
        (Mark(9, 9, 1700), Log({}, first=0, end=11), False),  # nothing but holes
        (Mark(9, 9, 1700), Log({20: 1999}, first=20, end=21), False),  # expired
        (Mark(9, 9, 1700), Log({0: 1999}, first=0, end=1), False),  # too short: seen by its end
        (Mark(9), Log({9: 1999}, first=0, end=10), False),  # of a version that did not say
        (Mark(-1), Log({0: 1999}, first=0, end=1), False),  # nothing was read
    ],
)
async def test_another_time_at_the_offset_seen_is_another_log(mark: Mark, log: Any, other: bool) -> None:
    assert await contradicted(log, {TP: mark}) == ({TP} if other else set())
