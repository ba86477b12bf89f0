"""Records in a file of their own, messages to write, and what a test compares."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Connection, Engine, select

from records.engine import connect
from records.tables import metadata
from schemas.base import Message
from schemas.deliveries import Delivery, TextRef, Withdrawal
from schemas.delivery_events import DeliveryEvent
from schemas.samples import samples
from schemas.topics import TOPICS

LINK_KEY = b"link"
KEPT = [topic.name for topic in TOPICS if "archive" in topic.readers]
DELIVERIES, EVENTS = samples("sms-deliveries"), samples("delivery-events")


@contextmanager
def records(folder: Path) -> Iterator[Engine]:
    engine = connect(f"sqlite:///{folder / 'records.sqlite'}")
    try:
        yield engine
    finally:
        engine.dispose()


def dump(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables, in the order of their keys."""
    tables = metadata.sorted_tables
    rows = {table.name: connection.execute(select(table).order_by(*table.primary_key)) for table in tables}
    return {name: [tuple(row) for row in found] for name, found in rows.items()}


def every_sample() -> list[Message]:
    """One message of each kind that the archive reads."""
    return [message for topic in KEPT for message in samples(topic).values()]


def delivery(**changes: Any) -> Delivery:
    message = DELIVERIES["delivery"]
    assert isinstance(message, Delivery)
    text = {name: changes.pop(name) for name in list(changes) if name in TextRef.__struct_fields__}
    return replace(message, text=replace(message.text, **text), **changes)


def withdrawal(**changes: Any) -> Withdrawal:
    message = DELIVERIES["withdrawal"]
    assert isinstance(message, Withdrawal)
    text = {name: changes.pop(name) for name in list(changes) if name in TextRef.__struct_fields__}
    return replace(message, text=replace(message.text, **text), **changes)


def event(state: str, after_s: float = 0, **changes: Any) -> DeliveryEvent:
    message = EVENTS["delivery-event"]
    assert isinstance(message, DeliveryEvent)
    at: datetime = message.at + timedelta(seconds=after_s)
    place = (state, after_s, sorted((name, str(value)) for name, value in changes.items()))
    named = hashlib.sha256(repr(place).encode()).hexdigest()
    return replace(message, state=state, at=at, delivery_event_id=named, **changes)
