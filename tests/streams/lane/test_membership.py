"""A worker writes only with a fresh answer that it is a member."""

import asyncio

import pytest
from aiokafka.errors import KafkaConnectionError

from streams.lane import LaneError, Superseded
from streams.lane.membership import Membership


class Coordinator:
    def __init__(self) -> None:
        self.member, self.asked, self.away, self.now = True, 0, 0, 100.0

    async def ask(self, _generation: int) -> bool:
        self.asked += 1
        await asyncio.sleep(0)
        if self.away:
            self.away -= 1
            raise KafkaConnectionError
        return self.member

    def membership(self, timeout_s: float = 5) -> Membership:
        return Membership(self.ask, lease_s=2, timeout_s=timeout_s, clock=lambda: self.now)


async def test_an_answer_holds_for_the_lease_and_for_its_generation() -> None:
    coordinator = Coordinator()
    membership = coordinator.membership()
    for later_s, generation, asked in [(0, 1, 1), (1.9, 1, 1), (0.1, 1, 2), (0, 2, 3), (0, 1, 4)]:
        coordinator.now += later_s
        await membership.confirm(generation)
        assert coordinator.asked == asked


async def test_who_is_no_member_any_more_is_told_so_once_the_lease_is_over() -> None:
    coordinator = Coordinator()
    membership = coordinator.membership()
    await membership.confirm(1)
    coordinator.member = False
    await membership.confirm(1)
    with pytest.raises(Superseded):
        await membership.confirm(1, now=True)
    coordinator.now += 2
    with pytest.raises(Superseded):
        await membership.confirm(1)


async def test_many_ask_once() -> None:
    coordinator = Coordinator()
    membership = coordinator.membership()
    await asyncio.gather(*(membership.confirm(1) for _ in range(20)))
    assert coordinator.asked == 1


async def test_a_coordinator_that_is_away_is_asked_again() -> None:
    coordinator = Coordinator()
    coordinator.away = 1
    await coordinator.membership().confirm(1)
    assert coordinator.asked == 2


async def test_no_answer_is_no_leave_to_write() -> None:
    coordinator = Coordinator()
    coordinator.away = 1_000
    membership = Membership(coordinator.ask, lease_s=2, timeout_s=0.1)
    with pytest.raises(LaneError, match="no answer"):
        await membership.confirm(1)
