"""Kafka as the world has it: logs by topic and partition, in order, never lost. All else may go wrong."""

import hashlib
import zlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from runtime.partition import partition_for
from runtime.routing import route
from schemas.base import Message
from schemas.topics import BY_NAME

Place = tuple[str, int]
OPEN_PARTITIONS = 2
"""Partitions of the topics that are not ours to partition."""


@dataclass(slots=True)
class Entry:
    """A record of a log; ``message`` is what was encoded in it, None if nothing of ours was."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    message: Message | None


class Broker:
    """``logs``: every record ever written, by place."""

    def __init__(self, partitions: int) -> None:
        self.partitions = partitions
        self.logs: defaultdict[Place, list[Entry]] = defaultdict(list)

    def places(self, topic: str) -> list[Place]:
        """The partitions of a topic."""
        count = self.partitions if BY_NAME[topic].partitioned else OPEN_PARTITIONS
        return [(topic, partition) for partition in range(count)]

    def publish(self, message: Message, now: datetime) -> Entry:
        """Append a message where our processes (or an upstream, by its own partitioner) put it."""
        record = route(message, self.partitions)
        partition = record.partition
        if partition is None:
            partition = zlib.crc32(record.key) % OPEN_PARTITIONS
        return self._append((record.topic, partition), record.key, record.value, now, message)

    def publish_raw(self, topic: str, key: bytes, value: bytes, now: datetime) -> Entry:
        """Append bytes as they are, where their key belongs."""
        return self._append((topic, self.partition_of(key.decode())), key, value, now, None)

    def partition_of(self, key: str) -> int:
        """Where a key of ours belongs."""
        return partition_for(key.encode(), self.partitions)

    def _append(
        self, place: Place, key: bytes | None, value: bytes, now: datetime, message: Message | None
    ) -> Entry:
        log = self.logs[place]
        entry = Entry(place[0], place[1], len(log), int(now.timestamp() * 1000), key, value, message)
        log.append(entry)
        return entry

    def entries(self, topic: str) -> Iterator[Entry]:
        """All records of a topic, partition by partition."""
        for place in self.places(topic):
            yield from self.logs[place]

    def digest(self) -> str:
        """A hash over every byte of every log."""
        total = hashlib.blake2b(digest_size=16)
        for place in sorted(self.logs):
            for entry in self.logs[place]:
                total.update(repr((place, entry.timestamp, entry.key, entry.value)).encode())
        return total.hexdigest()
