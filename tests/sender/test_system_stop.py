"""A STOP placed around the moment of the send: nothing starts after it was called effective."""

import asyncio
import os
import random
from collections import Counter
from datetime import datetime

import pytest
from redis.asyncio import Redis

from runtime import gate_keys as keys
from runtime.kafka import Publisher
from schemas.deliveries import Delivery
from simulator.ledger import Accepted
from tests.sender.street import Street, eventually, now
from tests.sender.texts import delivery, new_phone

pytestmark = [pytest.mark.servers, pytest.mark.timeout(300)]

RACES = int(os.environ.get("STOP_RACES", "300"))
WINDOW_S = 0.1


class Edge:
    """What the gateway does with a STOP: raise the flag, wait until nothing is under way."""

    def __init__(self, street: Street, redis: Redis) -> None:
        self._redis = redis
        self._drain_ms = int(street.config.drain_s * 1000)

    async def stop(self, text: Delivery) -> tuple[datetime, datetime]:
        """When the STOP was accepted, and when it was effective."""
        phone_ref, accepted_at = text.text.phone_ref, now()
        await self._redis.eval(keys.RAISE, 1, keys.phone_key(phone_ref), "stop", keys.ms(accepted_at))
        asked = keys.drain_key(phone_ref), keys.EPOCH, self._drain_ms
        while await self._redis.eval(keys.SENDING, 2, *asked):  # noqa: ASYNC110  # Redis is asked
            await asyncio.sleep(0.002)
        return accepted_at, now()


async def race(street: Street, chance: random.Random, races: int) -> dict[str, tuple[datetime, datetime]]:
    """Many texts, each with its STOP; by text, when it was accepted and effective."""
    redis = Redis.from_url(street.env["REDIS_URL"], decode_responses=True)
    publisher, edge = Publisher(street.config), Edge(street, redis)
    await publisher.start()
    done: dict[str, tuple[datetime, datetime]] = {}

    async def one() -> None:
        text = delivery(new_phone(), valid_s=20)
        await publisher.publish([text])
        await asyncio.sleep(chance.uniform(0, WINDOW_S))
        done[text.text.text_id] = await edge.stop(text)

    try:
        for _ in range(races):
            await asyncio.gather(one(), asyncio.sleep(0.03))
    finally:
        await publisher.stop()
        await redis.aclose()
    return done


def run_races(street: Street, chance: random.Random, races: int) -> dict[str, tuple[datetime, datetime]]:
    """Races against a sender that is ready."""
    warm = delivery(new_phone())
    street.publish(warm)
    assert street.end(warm.text.text_id) == "accepted"
    return asyncio.run(race(street, chance, races))


def test_no_send_starts_after_a_stop_was_effective(street: Street) -> None:
    street.start()
    stopped = run_races(street, random.Random(3), RACES)
    ends = street.ends(*stopped, timeout_s=60)
    sent = {
        (entry.url or "").rpartition("/")[2].partition(".")[0]: entry.at
        for entry in street.carrier.ledger(Accepted)
    }
    late = {name: at for name, at in sent.items() if name in stopped and at > stopped[name][1]}
    assert late == {}
    outcomes = Counter(ends.values())
    assert set(outcomes) == {"accepted", "suppressed opted_out"}
    assert all(outcomes.values())
    assert {name for name, end in ends.items() if end == "accepted"} == sent.keys() & stopped.keys()
    print(histogram([effective - accepted for accepted, effective in stopped.values()]))  # noqa: T201


def histogram(spans: list) -> str:  # type: ignore[type-arg]  # of timedelta
    """How long STOPs took, in powers of two of a millisecond."""
    slots = Counter(max(0, int(span.total_seconds() * 1000)).bit_length() for span in spans)
    lines = [f"  < {2**slot:5} ms {'#' * count} {count}" for slot, count in sorted(slots.items())]
    return "\n".join(["accepted to effective:", *lines])


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
