"""Erasure in the records: what names the person goes, what proves what was done stays, by reference."""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Table, and_, delete, select, update

from records import own_tables, reply_tables, tables
from records.dialect import insert
from records.rows import iso
from rules.redaction import without_person
from schemas.base import encode
from schemas.bookings import BookingInput
from schemas.consent import ConsentGiven
from schemas.deliveries import Delivery
from schemas.erasure import EraseEvent, ErasePhone

Order = EraseEvent | ErasePhone
Where = ColumnElement[bool]
ASKED_AT_ONCE = 500


def scope_of(order: Order) -> str:
    """What an order names: a phone's reference, or ``workspace/event``."""
    return f"{order.workspace_id}/{order.event_id}" if isinstance(order, EraseEvent) else order.phone_ref


def erase(connection: Connection, order: Order) -> None:
    """Let go of what the order names, and note it: what is older is not to be read again from topics."""
    scope, at = scope_of(order), iso(order.at)
    row = {
        "erasure_id": order.erasure_id,
        "scope": scope,
        "actor": order.actor if isinstance(order, ErasePhone) else "",
        "reason": order.reason if isinstance(order, ErasePhone) else "",
        "at": at,
        "rows": _let_go(connection, scope, at),
    }
    connection.execute(insert(connection, own_tables.erasures).on_conflict_do_nothing(), [row])


def keep_erased(connection: Connection, written: dict[Table, list[dict[str, Any]]]) -> None:
    """Let go again of what a batch brought back: topics keep for a while what the records have forgotten."""
    e = own_tables.erasures
    if connection.execute(select(e.c.scope).limit(1)).first() is None:
        return
    scopes = sorted(
        {scope for table, rows in written.items() for row in rows for scope in _scopes(table, row)}
    )
    for start in range(0, len(scopes), ASKED_AT_ONCE):
        some = scopes[start : start + ASKED_AT_ONCE]
        for scope, at in connection.execute(select(e.c.scope, e.c.at).where(e.c.scope.in_(some))).all():
            _let_go(connection, scope, at)


def _scopes(table: Table, row: dict[str, Any]) -> Iterable[str]:
    if row.get("phone_ref"):
        yield row["phone_ref"]
    if table is tables.bookings:
        yield f"{row['workspace_id']}/{row['event_id']}"


def _let_go(connection: Connection, scope: str, at: str) -> int:
    """Rows that changed: of what was written of the scope up to ``at``."""
    workspace_id, _, event_id = scope.partition("/")
    return _of_event(connection, workspace_id, event_id, at) if event_id else _of_phone(connection, scope, at)


def _of_event(connection: Connection, workspace_id: str, event_id: str, at: str) -> int:
    b = tables.bookings
    ours = and_(b.c.workspace_id == workspace_id, b.c.event_id == event_id, b.c.received_at <= at)
    return _redact(connection, b, _booking, ours)


def _of_phone(connection: Connection, ref: str, at: str) -> int:
    b, c, h, i, m, s, u = (
        tables.bookings,
        tables.consents,
        reply_tables.handled_replies,
        reply_tables.inbound,
        tables.manage_tokens,
        tables.steps,
        tables.sign_ups,
    )
    texts = select(tables.texts.c.text_id).where(tables.texts.c.phone_ref == ref)
    released = and_(s.c.text_id.in_(texts), s.c.what == "released", s.c.at <= at)
    changed = _redact(connection, s, _delivery, released)
    changed += redact_consents(connection, and_(c.c.phone_ref == ref, c.c.at <= at))
    changed += _redact(connection, b, _booking, and_(b.c.phone_ref == ref, b.c.received_at <= at))
    changed += _delete(connection, i, and_(i.c.phone_ref == ref, i.c.received_at <= at))
    changed += _delete(connection, h, and_(h.c.phone_ref == ref, h.c.at <= at))
    changed += _delete(connection, u, and_(u.c.phone_ref == ref, u.c.at <= at))
    later = select(s.c.step_id).where(s.c.text_id.in_(texts), s.c.what == "released", s.c.at > at)
    return changed + _delete(connection, m, and_(m.c.phone_ref == ref, ~later.exists()))


def redact_consents(connection: Connection, where: Where) -> int:
    """Take the number out of consents; what is sealed stays sealed. Returns how many changed."""
    c = tables.consents
    return _redact(connection, c, _consent, and_(c.c.kind == "given", where))


def _redact(connection: Connection, table: Table, less: Callable[[str], str], where: Where) -> int:
    keys = list(table.primary_key)
    changed = 0
    for *key, record in connection.execute(select(*keys, table.c.record).where(where)).all():
        without = less(record)
        if without != record:
            place = and_(*(column == value for column, value in zip(keys, key, strict=True)))
            connection.execute(update(table).where(place).values(record=without))
            changed += 1
    return changed


def _delete(connection: Connection, table: Table, where: Where) -> int:
    gone = delete(table).where(where).returning(*table.primary_key)
    return len(connection.execute(gone).all())


def _booking(record: str) -> str:
    return encode(without_person(msgspec.json.decode(record, type=BookingInput))).decode()


def _consent(record: str) -> str:
    return encode(without_person(msgspec.json.decode(record, type=ConsentGiven))).decode()


def _delivery(record: str) -> str:
    return encode(without_person(msgspec.json.decode(record, type=Delivery))).decode()
