"""One record through one flow: decoded, handled, or kept as a dead letter. The only loop over records."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, Protocol

import msgspec
import structlog

from agents.moment import Moment
from agents.opt_out import stop_unread
from agents.tables import Tables
from rules.refused import Refused
from rules.unread import may_be_stop
from runtime.dead_letters import Incoming, dead_letter, without_value
from runtime.routing import route
from schemas.base import Message
from schemas.topics import INBOUND_SMS, decode
from streams.lane import Batches, TooLarge
from streams.topology import Flow

log = structlog.get_logger()
_PHONE_REF = re.compile(rb"[0-9a-f]{32}")


class Read(Incoming, Protocol):
    """The part of a Kafka record that a flow reads; ``timestamp`` in milliseconds."""

    timestamp: int


def handle(flow: Flow, record: Read, tables: Tables, moment: Moment) -> list[Message]:
    """What a record causes. One that can't be read or meant becomes a dead letter, never an exception."""
    try:
        return flow.agent(decode(flow.topic.name, record.value or b""), tables, moment)
    except (msgspec.DecodeError, UnicodeDecodeError, Refused) as error:
        letter = dead_letter(record, without_value(error), moment.now)
        return [letter, *_stop_if_said(record, tables, moment)] if flow.topic is INBOUND_SMS else [letter]
    except TooLarge:
        return [dead_letter(record, "the row of this key is full", moment.now)]


def _stop_if_said(record: Read, tables: Tables, moment: Moment) -> list[Message]:
    """A reply that can't be read but may say STOP opts its phone out (the key names it), and is told of."""
    if not may_be_stop(record.value or b""):
        return []
    key = record.key or b""
    known = _PHONE_REF.fullmatch(key) is not None
    where = {"partition": record.partition, "offset": record.offset}
    log.error(
        "unread_reply_may_say_stop", opted_out=known, phone_ref=key.decode() if known else None, **where
    )
    if not known:
        return []
    return stop_unread(key.decode(), _written_at(record, moment.now), tables, moment)


def _written_at(record: Read, now: datetime) -> datetime:
    """When the record was written, as far as its timestamp can be true."""
    if not 0 < record.timestamp < now.timestamp() * 1000:
        return now
    return datetime.fromtimestamp(record.timestamp / 1000, UTC)


async def run(flow: Flow, batches: Batches, tables: Tables, moment: Callable[[int], Moment]) -> None:
    """Every record of every batch through the flow; leaving a batch makes its step all or nothing."""
    async for batch in batches:
        async with batch:
            here = moment(batch.tp.partition)
            for record in _records(batch):
                for message in handle(flow, record, tables, here):
                    out = route(message, here.policy.partitions)
                    batch.send(out.topic, key=out.key, value=out.value, partition=out.partition)


def _records(batch: Any) -> Iterator[Read]:
    return iter(batch)
