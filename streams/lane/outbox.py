"""Records on their way out: collected into ready-made batches, acknowledged by all replicas in sync."""

import time
from asyncio import Future
from collections.abc import Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaProducer

from runtime.partition import partition_for
from streams.lane.errors import LaneError, TooLarge

Headers = Sequence[tuple[str, bytes]]
_NO_HEADERS: list[tuple[str, bytes]] = []
_RECORD_OVERHEAD = 100  # upper bound: batch header 61, lengths and deltas of a record
_HEADER_OVERHEAD = 10


def now_ms() -> int:
    """The time that records are stamped with."""
    return int(time.time() * 1000)


def record_bytes(key: bytes | None, value: bytes | None, headers: Headers = ()) -> int:
    """Upper bound of what a record takes alone in a record batch, in bytes."""
    size = _RECORD_OVERHEAD + (len(key) if key else 0) + (len(value) if value else 0)
    if headers:
        size += sum(_HEADER_OVERHEAD + len(name.encode()) + len(data) for name, data in headers)
    return size


class Outbox:
    """Collects records by topic and partition; ``send`` hands them over and waits for the broker."""

    def __init__(
        self, producer: AIOKafkaProducer, counts: Mapping[str, int], max_bytes: int, at_ms: int
    ) -> None:
        """``counts``: partitions of each declared output; ``max_bytes``: of a record batch."""
        self._producer = producer
        self._counts = counts
        self._max_bytes = max_bytes
        self.at_ms = at_ms
        self._open: dict[tuple[str, int], list[Any]] = {}

    def add(
        self,
        topic: str,
        *,
        key: bytes | None,
        value: bytes | None,
        partition: int | None = None,
        headers: Headers = (),
    ) -> None:
        """Add a record; without ``partition`` the key decides. Raises ``TooLarge`` or ``LaneError``."""
        size = record_bytes(key, value, headers)
        if size > self._max_bytes:
            raise TooLarge(f"record of {size} bytes for {topic}: the limit is {self._max_bytes}")
        place = topic, self._place(topic, key, partition)
        builders = self._open.get(place)
        if builders is None:
            builders = self._open[place] = [self._producer.create_batch()]
        named = list(headers) if headers else _NO_HEADERS
        if builders[-1].append(timestamp=self.at_ms, key=key, value=value, headers=named) is None:
            builders.append(self._producer.create_batch())
            builders[-1].append(timestamp=self.at_ms, key=key, value=value, headers=named)

    def _place(self, topic: str, key: bytes | None, partition: int | None) -> int:
        count = self._counts.get(topic)
        if not count:
            raise LaneError(f"{topic} is no declared output, or the worker has not started yet")
        if partition is None:
            if key is None:
                raise LaneError(f"a record for {topic} needs a key or a partition")
            return partition_for(key, count)
        if not 0 <= partition < count:
            raise LaneError(f"{topic} has {count} partitions, not a partition {partition}")
        return partition

    async def dispatch(self) -> "list[Future[Any]]":
        """Hand everything to the producer, in order; the futures are done when the broker has it."""
        waiting = []
        for (topic, partition), builders in self._open.items():
            for builder in builders:
                builder.close()
                waiting.append(await self._producer.send_batch(builder, topic, partition=partition))
        self._open = {}
        return waiting

    async def send(self) -> None:
        """Send everything and wait for the acknowledgements. Raises aiokafka's ``KafkaError``."""
        for acknowledged in await self.dispatch():
            await acknowledged
