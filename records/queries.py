"""Questions to the records."""

from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, RowMapping, and_, func, or_, select, union

from records import tables
from rules.match import with_booking, with_sign_up
from schemas.bookings import BookingInput
from schemas.consent import ConsentEnded, ConsentGiven
from schemas.deliveries import Delivery, TextRef
from schemas.rows import EventPhones
from schemas.settings import Name, Value
from schemas.sign_ups import SignUp

Consent = ConsentGiven | ConsentEnded
_CONSENT: msgspec.json.Decoder[Consent] = msgspec.json.Decoder(Consent)


@dataclass(frozen=True, kw_only=True)
class ManagedEvent:
    """What a manage link stands for: a phone, the event's state now, and the phone it has now."""

    phone_ref: str
    phone: str
    current_phone: str | None
    booking: BookingInput


def event_of_token(connection: Connection, token: str) -> ManagedEvent | None:
    """The event and phone of a manage token; None if no text carried it."""
    row = (
        connection.execute(select(tables.manage_tokens).where(tables.manage_tokens.c.token == token))
        .mappings()
        .first()
    )
    if row is None:
        return None
    event = event_of(connection, row["workspace_id"], row["event_id"])
    if event.booking is None:
        return None
    return ManagedEvent(
        phone_ref=row["phone_ref"],
        phone=row["phone"],
        current_phone=event.phone,
        booking=event.booking,
    )


def event_of(connection: Connection, workspace_id: str, event_id: str) -> EventPhones:
    """An event as all that was received of it says, by the rules the worker goes by."""
    event = EventPhones()
    for sign_up in _sign_ups_of(connection, workspace_id, event_id):
        event = with_sign_up(event, sign_up) or event
    b = tables.bookings
    query = select(b.c.record).where(b.c.workspace_id == workspace_id, b.c.event_id == event_id)
    for record in connection.execute(query.order_by(b.c.received_at, b.c.revision)).scalars():
        event = with_booking(event, msgspec.json.decode(record, type=BookingInput)) or event
    return event


def _sign_ups_of(connection: Connection, workspace_id: str, event_id: str) -> list[SignUp]:
    s = tables.sign_ups
    query = select(s.c.record).where(s.c.workspace_id == workspace_id, s.c.event_id == event_id)
    records = connection.execute(query.order_by(s.c.at)).scalars()
    return [msgspec.json.decode(record, type=SignUp) for record in records]


def setting_of(connection: Connection, workspace_id: str, study_id: str | None, name: Name) -> Value | None:
    """A setting's value; None if nobody set it."""
    s = tables.settings
    value = connection.execute(
        select(s.c.value).where(
            s.c.workspace_id == workspace_id, s.c.study_id == (study_id or ""), s.c.name == name
        )
    ).scalar()
    return None if value is None else msgspec.json.decode(value, type=Value)


def text(connection: Connection, text_id: str) -> list[RowMapping]:
    """The versions of a text, oldest first."""
    t = tables.texts
    query = select(t).where(t.c.text_id == text_id).order_by(t.c.plan_version)
    return list(connection.execute(query).mappings())


def life_of(connection: Connection, text_id: str, plan_version: int) -> list[RowMapping]:
    """Everything that happened to one version of a text, in order."""
    s = tables.steps
    query = select(s).where(s.c.text_id == text_id, s.c.plan_version == plan_version).order_by(s.c.at)
    return list(connection.execute(query).mappings())


def texts_of(connection: Connection, name: str, workspace_id: str | None = None) -> list[RowMapping]:
    """The texts of a booking, or of the event of that name."""
    t = tables.texts
    named = union(
        select(t.c.text_id).where(t.c.booking_id == name), select(t.c.text_id).where(t.c.event_id == name)
    )
    query = select(t).where(t.c.text_id.in_(named)).order_by(t.c.due_at, t.c.plan_version)
    rows = connection.execute(query).mappings()
    # asked for the workspace too, SQLite would read all of its texts
    return [row for row in rows if workspace_id in (None, row["workspace_id"])]


def bookings_of(connection: Connection, name: str, workspace_id: str | None = None) -> list[BookingInput]:
    """All that was received of a booking or event, oldest first."""
    b = tables.bookings
    query = select(b.c.record).where(or_(b.c.booking_id == name, b.c.event_id == name))
    if workspace_id is not None:
        query = query.where(b.c.workspace_id == workspace_id)
    records = connection.execute(query.order_by(b.c.received_at)).scalars()
    return [msgspec.json.decode(record, type=BookingInput) for record in records]


def notices_of(connection: Connection, workspace_id: str, event_id: str) -> list[RowMapping]:
    """The notices about an event, oldest first."""
    n = tables.notices
    query = select(n).where(n.c.workspace_id == workspace_id, n.c.event_id == event_id).order_by(n.c.at)
    return list(connection.execute(query).mappings())


def ledger_of(connection: Connection, phone_ref: str) -> list[RowMapping]:
    """The ledger entries of a phone, oldest first."""
    entries = tables.ledger
    query = select(entries).where(entries.c.phone_ref == phone_ref).order_by(entries.c.at, entries.c.seq)
    return list(connection.execute(query).mappings())


def consents_of(connection: Connection, phone_ref: str) -> list[Consent]:
    """The consents of a phone and their ends, in order of their time."""
    c = tables.consents
    query = select(c.c.record).where(c.c.phone_ref == phone_ref).order_by(c.c.at, c.c.consent_id)
    return [_CONSENT.decode(record) for record in connection.execute(query).scalars()]


def counts(connection: Connection) -> dict[str, int]:
    """How many versions of texts are in each state."""
    t = tables.texts
    rows = connection.execute(select(t.c.state, func.count()).group_by(t.c.state))
    return {row[0]: row[1] for row in rows}


def next_offsets(connection: Connection) -> dict[tuple[str, int], int]:
    """How far each topic partition is written."""
    rows: Any = connection.execute(select(tables.offsets)).all()
    return {(row.topic, row.partition): row.next_offset for row in rows}


def unresolved(connection: Connection, workspace_id: str | None = None) -> list[RowMapping]:
    """The sends of which no evidence came and that no person has settled, oldest first.

    Each is the row of ``texts`` with ``delivery``: the record of its release, JSON.
    """
    t, s = tables.texts, tables.steps
    released = and_(s.c.text_id == t.c.text_id, s.c.plan_version == t.c.plan_version, s.c.what == "released")
    first = select(func.min(s.c.record)).where(released).scalar_subquery()
    query = select(t, first.label("delivery")).where(t.c.state == "unresolved")
    if workspace_id is not None:
        query = query.where(t.c.workspace_id == workspace_id)
    return list(connection.execute(query.order_by(t.c.ended_at)).mappings())


def text_ref(row: RowMapping) -> TextRef:
    """The identity of a text that ``unresolved`` gave."""
    return msgspec.json.decode(row["delivery"], type=Delivery).text
