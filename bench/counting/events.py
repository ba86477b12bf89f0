"""The input of all contenders, from a seed, and the output that each of them must give."""

import bisect
import itertools
import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec

from runtime.partition import partition_for

PARTITIONS = 4
PERSONS = 20_000
WORKSPACES = 500
DUPLICATES = 0.01
KINDS = ("created",) * 6 + ("moved",) * 2 + ("cancelled", "day_of")
_START = datetime(2026, 11, 24, 9, tzinfo=UTC)


class Event(msgspec.Struct):
    """A booking event, 309 bytes of JSON more or less."""

    message_id: str
    kind: str
    workspace_id: str
    study_id: str
    booking_id: str
    person_id: str
    starts_at: str
    zone: str
    phone: str
    received_at: str
    note: str


class Counted(msgspec.Struct):
    """What is written for each event: ``count`` is the how manieth of its person it is."""

    message_id: str
    person_id: str
    count: int


def events(count: int, seed: int) -> Iterator[Event]:
    """So many events: Zipf over workspaces, starts on quarter hours, one in a hundred sent twice."""
    chance = random.Random(seed)
    weights = list(itertools.accumulate(1 / rank for rank in range(1, WORKSPACES + 1)))
    last: Event | None = None
    for n in range(count):
        if last is None or chance.random() >= DUPLICATES:
            last = _event(n, chance, weights)
        yield last


def _event(n: int, chance: random.Random, weights: list[float]) -> Event:
    workspace = bisect.bisect(weights, chance.random() * weights[-1])
    person = chance.randrange(PERSONS)
    starts_at = _START + timedelta(minutes=15 * chance.randrange(2_000))
    return Event(
        message_id=f"m{n:09d}",
        kind=chance.choice(KINDS),
        workspace_id=f"workspace-{workspace}",
        study_id=f"study-{workspace % 7}",
        booking_id=f"booking-{n:08d}",
        person_id=f"person-{person:06d}",
        starts_at=starts_at.isoformat(),
        zone="America/New_York",
        phone=f"+1201555{person % 10_000:04d}",
        received_at=_START.isoformat(),
        note="x" * 20,
    )


def partition(event: Event) -> int:
    """Where an event is published."""
    return partition_for(event.person_id.encode(), PARTITIONS)


def expected(count: int, seed: int) -> Counter[tuple[str, str, int]]:
    """What must come out, by a plain loop."""
    seen: Counter[str] = Counter()
    out: Counter[tuple[str, str, int]] = Counter()
    for event in events(count, seed):
        seen[event.person_id] += 1
        out[event.message_id, event.person_id, seen[event.person_id]] += 1
    return out


_decode = msgspec.json.Decoder(Counted).decode


def told(value: bytes) -> tuple[str, str, int]:
    """The same of one record that came out."""
    counted = _decode(value)
    return counted.message_id, counted.person_id, counted.count
