"""What a poll brought, decoded: messages to write, records that can't be read."""

from dataclasses import dataclass, field
from datetime import datetime

import msgspec
from aiokafka.structs import ConsumerRecord, TopicPartition

from runtime.dead_letters import dead_letter, without_value
from schemas.base import Message
from schemas.dead_letters import DeadLetter
from schemas.topics import DEAD_LETTERS, TOPICS, decode

KEPT = tuple(topic.name for topic in TOPICS if "archive" in topic.readers)
"""The topics that the records keep."""
Polled = dict[TopicPartition, list[ConsumerRecord]]


@dataclass
class Read:
    """What a poll brought: messages to write, records that can't be read, and how far each topic goes."""

    messages: list[Message] = field(default_factory=list)
    unreadable: list[DeadLetter] = field(default_factory=list)
    ends: dict[TopicPartition, int] = field(default_factory=dict)


def read(polled: Polled, now: datetime) -> Read:
    """Decode what was polled. A tombstone says nothing; an unreadable dead letter is passed over."""
    found = Read()
    for tp, records in polled.items():
        found.ends[tp] = records[-1].offset + 1
        for record in records:
            if record.value is None:
                continue
            try:
                found.messages.append(decode(record.topic, record.value))
            except msgspec.DecodeError as error:
                if record.topic != DEAD_LETTERS.name:
                    found.unreadable.append(dead_letter(record, without_value(error), now))
    return found
