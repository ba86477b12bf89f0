"""Where a message goes: topic, key and partition, from the registry in ``schemas.topics``."""

from msgspec import Struct

from runtime.partition import partition_for
from schemas.base import Message, encode
from schemas.topics import TOPIC_OF


class Record(Struct, frozen=True, gc=False):
    """A message ready for Kafka. ``partition`` None: any (topics that are not phone-keyed)."""

    topic: str
    key: bytes
    value: bytes
    partition: int | None


def route(message: Message, partitions: int) -> Record:
    """The record of a message, with our own partitioner over ``partitions`` for phone-keyed topics."""
    topic = TOPIC_OF[type(message)]
    partition = None
    if topic.partitioned:
        place = topic.place_of(message)
        partition = place if isinstance(place, int) else partition_for(place.encode(), partitions)
    return Record(topic.name, topic.key(message).encode(), encode(message), partition)
