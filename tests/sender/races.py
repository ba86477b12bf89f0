"""STOPs placed around the moment of a send, as the gateway handles them."""

import asyncio
import random
from collections import Counter
from datetime import datetime, timedelta

from redis.asyncio import Redis

from runtime import gate_keys as keys
from runtime.kafka import Publisher
from schemas.deliveries import Delivery
from simulator.ledger import Accepted
from tests.sender.street import Street, now
from tests.sender.texts import delivery, new_phone

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
        while await self._redis.eval(keys.SENDING, 2, *asked) != [0]:  # noqa: ASYNC110  # Redis is asked
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


def late(street: Street, stopped: dict[str, tuple[datetime, datetime]]) -> dict[str, datetime]:
    """The texts that the carrier accepted after their STOP was called effective."""
    sent = {
        (entry.url or "").rpartition("/")[2].partition(".")[0]: entry.at
        for entry in street.carrier.ledger(Accepted)
    }
    return {name: at for name, at in sent.items() if name in stopped and at > stopped[name][1]}


def histogram(stopped: dict[str, tuple[datetime, datetime]]) -> str:
    """How long STOPs took, in powers of two of a millisecond."""
    spans: list[timedelta] = [effective - accepted for accepted, effective in stopped.values()]
    slots = Counter(max(0, int(span.total_seconds() * 1000)).bit_length() for span in spans)
    lines = [f"  < {2**slot:5} ms {'#' * -(-count // 4)} {count}" for slot, count in sorted(slots.items())]
    return "\n".join([f"STOP accepted to effective, {len(spans)} races:", *lines])
