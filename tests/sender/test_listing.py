"""Looks into the carrier's list: never more than it allows, all senders together."""

import pytest

from tests.sender.bench import Bench

pytestmark = pytest.mark.servers

ALLOWED = 20


async def test_no_more_looks_in_a_minute_than_allowed(bench: Bench) -> None:
    """A minute is let pass by moving what Redis remembers of the rate back, second by second."""
    looks = 0
    for _ in range(60):
        while await bench.claims.may_look(ALLOWED):
            looks += 1
        await bench.redis.incrby("rate:list", -1_000_000)
    assert ALLOWED - 2 <= looks <= ALLOWED


async def test_some_at_once_then_one_by_one(bench: Bench) -> None:
    at_once = 0
    while await bench.claims.may_look(ALLOWED):
        at_once += 1
    assert at_once == 5
    await bench.redis.incrby("rate:list", -4_000_000)
    assert [await bench.claims.may_look(ALLOWED) for _ in range(2)] == [True, False]


async def test_none_at_all(bench: Bench) -> None:
    assert not await bench.claims.may_look(0)
