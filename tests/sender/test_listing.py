"""Looks into the carrier's list: never more than it allows, all senders together."""

from dataclasses import replace
from typing import Any, cast

import pytest

from carrier.port import LIST_PAGE, Listed
from sender.listing import Listing, NoLook
from tests.sender.bench import Bench
from tests.sender.records import AT

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


class LongList:
    """A carrier with more rows than may be looked at in one go."""

    def __init__(self, count: int) -> None:
        self.looks = 0
        row = {"inbound": False, "to": "+1", "sender": "+2", "state": "sent", "error_code": "", "at": AT}
        self.rows = [Listed(carrier_uuid=f"u{n}", **cast(dict[str, Any], row)) for n in range(count)]

    def listed(self, *, offset: int, **_: object) -> list[Listed]:
        self.looks += 1
        return self.rows[offset : offset + LIST_PAGE]


async def read(bench: Bench, carrier: LongList, per_minute: int) -> list[str]:
    config = replace(bench.config, list_per_minute=per_minute, sweep_s=0.01)
    pages = Listing(config, cast(Any, carrier), bench.claims).pages(
        inbound=False, phone=None, since=AT, until=AT
    )
    return [row.carrier_uuid async for page in pages for row in page]


@pytest.mark.parametrize(("count", "looks"), [(0, 1), (19, 1), (20, 2), (170, 9)])
async def test_a_window_is_read_to_its_end_however_many_pages(bench: Bench, count: int, looks: int) -> None:
    carrier = LongList(count)
    assert await read(bench, carrier, per_minute=1205) == [row.carrier_uuid for row in carrier.rows]
    assert carrier.looks == looks


async def test_no_look_is_no_evidence(bench: Bench) -> None:
    with pytest.raises(NoLook):
        await read(bench, LongList(1), per_minute=0)
