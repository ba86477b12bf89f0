"""A STOP placed around the moment of the send: nothing starts after it was called effective."""

import asyncio
import os
import random
from collections import Counter
from datetime import datetime

import pytest
from redis.asyncio import Redis

from tests.sender.races import Edge, histogram, late, run_races
from tests.sender.street import Street, eventually
from tests.sender.texts import delivery, new_phone

pytestmark = [pytest.mark.servers, pytest.mark.timeout(300)]

RACES = int(os.environ.get("STOP_RACES", "300"))


def test_no_send_starts_after_a_stop_was_effective(street: Street) -> None:
    street.start()
    stopped = run_races(street, random.Random(3), RACES)
    ends = street.ends(*stopped, timeout_s=60)
    assert late(street, stopped) == {}
    outcomes = Counter(ends.values())
    assert set(outcomes) == {"accepted", "suppressed opted_out"}
    assert all(outcomes.values())
    assert {
        name for name, end in ends.items() if end == "accepted"
    } == street.all_sent().keys() & stopped.keys()
    print(histogram(stopped))  # noqa: T201


def test_after_a_loss_of_redis_the_drain_takes_its_whole_time(street: Street) -> None:
    """Marks may have gone with it."""
    redis = Redis.from_url(street.env["REDIS_URL"], decode_responses=True)

    async def look() -> tuple[datetime, datetime]:
        await redis.flushall()
        street.start()
        text = delivery(new_phone())
        try:
            return await Edge(street, redis).stop(text)
        finally:
            await redis.aclose()

    accepted_at, effective_at = asyncio.run(look())
    assert (effective_at - accepted_at).total_seconds() >= street.config.drain_s
    eventually(lambda: "rebuilt" in street.logs(), otherwise=street.logs)
