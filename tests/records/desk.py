"""Records in a file of their own, messages to write, and what a test compares."""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Connection, select

from records import tables
from records.erasing import Order
from records.own_tables import metadata
from records.seals import Keys, opened, salts_known, whose
from schemas.base import Message
from schemas.deliveries import Delivery, TextRef, Withdrawal
from schemas.delivery_events import DeliveryEvent
from schemas.samples import samples
from schemas.topics import TOPICS

KEYS = Keys(link=b"link", reference=b"reference", evidence=b"evidence")
RANDOM = ("evidence_keys",)
"""Tables whose rows differ from one database to the next."""
KEPT = [topic.name for topic in TOPICS if "archive" in topic.readers]
DELIVERIES, EVENTS = samples("sms-deliveries"), samples("delivery-events")


def dump(connection: Connection, keys: Keys = KEYS) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables, in the order of their keys, with evidence opened: keys are random."""
    found = {
        table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
        for table in metadata.sorted_tables
        if table.name not in RANDOM
    }
    found["erasures"] = [row[:-1] for row in found["erasures"]]  # how much was there when it was read
    found["consents"] = [_open(connection, row, keys) for row in found["consents"]]
    return found


def _open(connection: Connection, row: tuple[Any, ...], keys: Keys) -> tuple[Any, ...]:
    """A row of consents with its evidence in the clear."""
    named = dict(zip(tables.consents.columns.keys(), row, strict=True))
    if named["sealed"] is None:
        return row
    name = whose(named["workspace_id"], named["person_id"])
    salt = salts_known(connection, [name])[name]
    assert salt is not None
    return (*row[:-1], opened(keys.evidence, salt, name, named["consent_id"], named["sealed"]))


def every_sample() -> list[Message]:
    """One message of each kind that the archive keeps; orders to erase are none."""
    found = [message for topic in KEPT for message in samples(topic).values()]
    return [message for message in found if not isinstance(message, Order)]


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
