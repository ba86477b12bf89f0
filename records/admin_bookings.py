"""Questions of staff about bookings: the latest of a workspace, and all that one event has."""

from collections.abc import Iterable

import msgspec
from sqlalchemy import Connection, RowMapping, func, select

from records import tables
from records.life import read_step
from schemas.bookings import BookingInput
from schemas.deliveries import Delivery

BOOKINGS_MAX = 1000
"""The most a page looks through: those that were last heard of."""


def latest_bookings(
    connection: Connection, workspace_id: str, person_id: str | None = None
) -> list[BookingInput]:
    """Each booking of the workspace, or of a person in it, as last received; last heard of first; bounded."""
    b = tables.bookings
    whose = [b.c.workspace_id == workspace_id, *([b.c.person_id == person_id] if person_id else [])]
    newest = (
        select(b.c.booking_id, func.max(b.c.revision).label("revision"))
        .where(*whose)
        .group_by(b.c.booking_id)
        .subquery()
    )
    same = (b.c.booking_id == newest.c.booking_id) & (b.c.revision == newest.c.revision)
    query = select(b.c.record).join(newest, same).where(*whose)
    records = connection.execute(query.order_by(b.c.received_at.desc()).limit(BOOKINGS_MAX)).scalars()
    return [msgspec.json.decode(record, type=BookingInput) for record in records]


def text_rows(connection: Connection, workspace_id: str, event_id: str) -> list[RowMapping]:
    """The versions of an event's texts, by due time."""
    t = tables.texts
    query = select(t).where(t.c.workspace_id == workspace_id, t.c.event_id == event_id)
    return list(connection.execute(query.order_by(t.c.due_at, t.c.plan_version)).mappings())


def text_rows_of(connection: Connection, text_id: str) -> list[RowMapping]:
    """The versions of one text, in their order."""
    t = tables.texts
    query = select(t).where(t.c.text_id == text_id).order_by(t.c.plan_version)
    return list(connection.execute(query).mappings())


def words_of(connection: Connection, text_ids: Iterable[str]) -> dict[tuple[str, int], str]:
    """What each released version of these texts says, by text and version."""
    s = tables.steps
    query = select(s.c.record).where(s.c.text_id.in_(list(text_ids)), s.c.what == "released")
    steps = (read_step(record) for record in connection.execute(query).scalars())
    return {
        (step.text.text_id, step.text.plan_version): step.body for step in steps if isinstance(step, Delivery)
    }
