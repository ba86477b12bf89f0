"""Writing to the records: batches of messages, and how far the topics are written, in one transaction."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table, delete, select, update

from records import tables
from records.dialect import insert
from records.erasing import Order, erase, keep_erased
from records.life import Step, read_step, standing
from records.rows import rows_of
from records.seals import Keys, salts, sealed, whose
from schemas.base import Message

Row = dict[str, Any]
ASKED_AT_ONCE = 500
"""Texts in one query; databases bound the number of parameters."""


class Overtaken(Exception):
    """Another archive has written to these records meanwhile: this one must end."""


def write(connection: Connection, messages: Iterable[Message], keys: Keys) -> None:
    """Write what messages say, within the caller's transaction. Written again, they change nothing."""
    rows: dict[Table, list[Row]] = defaultdict(list)
    orders: list[Order] = []
    for message in messages:
        if isinstance(message, Order):
            orders.append(message)
        for table, row in rows_of(message, keys):
            rows[table].append(row)
    _seal(connection, rows[tables.consents], keys)
    for table, new in rows.items():
        _put(connection, table, new)
    touched = {row["text_id"] for row in rows[tables.steps]}
    for some in _parts(sorted(touched), ASKED_AT_ONCE):
        standing = _standing(connection, some)
        rows[tables.texts] += standing
        _put(connection, tables.texts, standing)
    keep_erased(connection, rows)
    for order in orders:
        erase(connection, order)


def note_offset(connection: Connection, topic: str, partition: int, before: int | None, after: int) -> None:
    """Note up to where a topic partition is written: ``before`` is what was noted, None if nothing was.

    Raises ``Overtaken`` if another number is noted. Called before ``write``, it also takes the lock.
    """
    o = tables.offsets
    if before is None:
        row = {"topic": topic, "partition": partition, "next_offset": after}
        new = insert(connection, o).values(row).on_conflict_do_nothing()
        noted = connection.execute(new.returning(o.c.next_offset)).first()
    else:
        ours = (o.c.topic == topic) & (o.c.partition == partition) & (o.c.next_offset == before)
        moved = update(o).where(ours).values(next_offset=after)
        noted = connection.execute(moved.returning(o.c.next_offset)).first()
    if noted is None:
        raise Overtaken(f"{topic}/{partition} is not written up to {before} any more")


def forget_offsets(connection: Connection) -> int:
    """Forget how far the topics are written, so that all is read again; returns of how many partitions."""
    gone = delete(tables.offsets).returning(tables.offsets.c.topic)
    return len(connection.execute(gone).all())


def _put(connection: Connection, table: Table, rows: list[Row]) -> None:
    """Insert rows; those whose key is there stay, but for states that follow one another."""
    if not rows:
        return
    new = insert(connection, table)
    if table not in (tables.texts, tables.settings):
        connection.execute(new.on_conflict_do_nothing(), rows)
        return
    keys = [column.name for column in table.primary_key]
    news = {name: new.excluded[name] for name in rows[0] if name not in keys}
    later = table is tables.settings and table.c.revision < new.excluded.revision
    where = later if table is tables.settings else None
    connection.execute(new.on_conflict_do_update(index_elements=keys, set_=news, where=where), rows)


def _seal(connection: Connection, rows: list[Row], keys: Keys) -> None:
    """Close the evidence of consents under the keys of their persons; without a key it is not kept."""
    given = [row for row in rows if row["sealed"] is not None]
    known = salts(connection, (whose(row["workspace_id"], row["person_id"]) for row in given))
    for row in given:
        name = whose(row["workspace_id"], row["person_id"])
        salt = known[name]
        row["sealed"] = salt and sealed(keys.evidence, salt, name, row["consent_id"], row["sealed"])


def _standing(connection: Connection, text_ids: list[str]) -> list[Row]:
    """The rows of all versions of these texts, from every step that is known."""
    s = tables.steps
    query = select(s.c.text_id, s.c.plan_version, s.c.record).where(s.c.text_id.in_(text_ids))
    lives: dict[tuple[str, int], list[Step]] = defaultdict(list)
    for text_id, plan_version, record in connection.execute(query.order_by(s.c.at, s.c.step_id)):
        lives[text_id, plan_version].append(read_step(record))
    return [standing(steps) for steps in lives.values()]


def _parts(items: Iterable[str], size: int) -> Iterable[list[str]]:
    rest = iter(items)
    while part := list(islice(rest, size)):
        yield part
