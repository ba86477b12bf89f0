"""One record through one flow: decoded, handled, or kept as a dead letter. The only loop over records."""

import hashlib
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Protocol

import msgspec

from agents.moment import Moment
from agents.tables import Tables
from rules.refused import Refused
from runtime.routing import route
from schemas.base import Message
from schemas.dead_letters import PAYLOAD_BYTES_MAX, DeadLetter
from schemas.topics import decode
from streams.lane import Batches, TooLarge
from streams.topology import Flow


class Incoming(Protocol):
    """The part of a Kafka record that a flow reads."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None


def handle(flow: Flow, record: Incoming, tables: Tables, moment: Moment) -> list[Message]:
    """What a record causes. One that can't be read or meant becomes a dead letter, never an exception."""
    try:
        return flow.agent(decode(flow.topic.name, record.value or b""), tables, moment)
    except (msgspec.DecodeError, UnicodeDecodeError, Refused) as error:
        return [dead_letter(record, str(error), moment.now)]
    except TooLarge:
        return [dead_letter(record, "the row of this key is full", moment.now)]


def dead_letter(record: Incoming, reason: str, now: datetime) -> DeadLetter:
    """A record kept with where it came from and why; ``reason`` names the field, never the value."""
    payload = record.value
    return DeadLetter(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        key=None if record.key is None else record.key[:1024],
        payload=None if payload is None else payload[:PAYLOAD_BYTES_MAX],
        sha256=hashlib.sha256(payload or b"").hexdigest(),
        size_bytes=len(payload or b""),
        reason=reason[:200],
        at=now,
    )


async def run(flow: Flow, batches: Batches, tables: Tables, moment: Callable[[int], Moment]) -> None:
    """Every record of every batch through the flow; leaving a batch makes its step all or nothing."""
    async for batch in batches:
        async with batch:
            here = moment(batch.tp.partition)
            for record in _records(batch):
                for message in handle(flow, record, tables, here):
                    out = route(message, here.policy.partitions)
                    batch.send(out.topic, key=out.key, value=out.value, partition=out.partition)


def _records(batch: Any) -> Iterator[Incoming]:
    return iter(batch)
