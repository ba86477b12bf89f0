"""Dead letters and what a person did about each: redriven or discarded, once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import msgspec
from sqlalchemy import Connection, func, select

from records import own_tables, tables
from records.dialect import insert
from records.rows import iso
from schemas.dead_letters import DeadLetter

Action = Literal["redriven", "discarded"]


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A dead letter; ``action`` None: nobody has settled it."""

    letter_id: str
    letter: DeadLetter
    action: str | None
    actor: str | None
    reason: str | None
    settled_at: str | None

    @property
    def whole(self) -> bool:
        """Whether all of the record was kept."""
        return len(self.letter.payload or b"") == self.letter.size_bytes


def letters(
    connection: Connection, *, settled: bool = False, letter_id: str | None = None, limit: int = 1000
) -> list[Letter]:
    """Dead letters, oldest first: those open, with ``settled`` all; or the one of that id."""
    d, e = tables.dead_letters, own_tables.dead_letter_ends
    query = select(d.c.letter_id, d.c.record, e.c.action, e.c.actor, e.c.reason, e.c.at).select_from(
        d.outerjoin(e, d.c.letter_id == e.c.letter_id)
    )
    if letter_id is not None:
        query = query.where(d.c.letter_id == letter_id)
    elif not settled:
        query = query.where(e.c.action.is_(None))
    rows = connection.execute(query.order_by(d.c.at, d.c.letter_id).limit(limit))
    return [
        Letter(
            letter_id=name,
            letter=msgspec.json.decode(record, type=DeadLetter),
            action=action,
            actor=actor,
            reason=reason,
            settled_at=at,
        )
        for name, record, action, actor, reason, at in rows
    ]


def open_count(connection: Connection) -> int:
    """How many dead letters nobody has settled."""
    d, e = tables.dead_letters, own_tables.dead_letter_ends
    joined = d.outerjoin(e, d.c.letter_id == e.c.letter_id)
    query = select(func.count()).select_from(joined).where(e.c.action.is_(None))
    return connection.execute(query).scalar_one()


def settle(
    connection: Connection, letter_id: str, action: Action, *, actor: str, reason: str, at: datetime
) -> bool:
    """Note what was done; False if the letter was settled before: then nothing is to be done again."""
    row = {"letter_id": letter_id, "action": action, "actor": actor, "reason": reason, "at": iso(at)}
    new = insert(connection, own_tables.dead_letter_ends).values(row).on_conflict_do_nothing()
    done = connection.execute(new.returning(own_tables.dead_letter_ends.c.letter_id)).first()
    return done is not None
