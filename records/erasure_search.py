"""What an erasure has to name: the phones of a person, and the events of a phone."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection, select, update

from records import own_tables, tables
from schemas.base import encode
from schemas.dead_letters import DeadLetter

NOT_DIGITS = re.compile(rb"\D")


@dataclass(frozen=True)
class Found:
    """Phone references, and events as (workspace, event)."""

    phone_refs: list[str]
    events: list[tuple[str, str]]


def of_person(connection: Connection, workspace_id: str, person_id: str) -> Found:
    """The phones that bookings, sign-ups and consents name for a person, and all events of those."""
    refs: set[str] = set()
    for table in (tables.bookings, tables.sign_ups, tables.consents):
        theirs = (table.c.workspace_id == workspace_id) & (table.c.person_id == person_id)
        refs |= set(connection.execute(select(table.c.phone_ref).where(theirs).distinct()).scalars())
    b = tables.bookings
    own = (b.c.workspace_id == workspace_id) & (b.c.person_id == person_id)
    rows = connection.execute(select(b.c.workspace_id, b.c.event_id).where(own).distinct()).all()
    found = of_phones(connection, sorted(ref for ref in refs if ref))
    return Found(found.phone_refs, sorted({*found.events, *((row[0], row[1]) for row in rows)}))


def of_phones(connection: Connection, refs: list[str]) -> Found:
    """The events that have, or had, one of these phones."""
    events: set[tuple[str, str]] = set()
    for table in (tables.bookings, tables.sign_ups, tables.manage_tokens):
        query = select(table.c.workspace_id, table.c.event_id).where(table.c.phone_ref.in_(refs)).distinct()
        events |= {(row[0], row[1]) for row in connection.execute(query)}
    return Found(refs, sorted(events))


def noted(connection: Connection, erasure_id: str) -> list[int]:
    """The rows changed for each scope that the archive has dealt with."""
    e = own_tables.erasures
    query = select(e.c.scope, e.c.rows).where(e.c.erasure_id == erasure_id)
    return [row.rows for row in connection.execute(query)]


def forget_in_dead_letters(connection: Connection, number: str) -> int:
    """Empty the dead letters that hold this number in any spelling; returns how many."""
    d = tables.dead_letters
    digits = number.lstrip("+").encode()
    changed = 0
    for letter_id, record in connection.execute(select(d.c.letter_id, d.c.record)).all():
        letter = msgspec.json.decode(record, type=DeadLetter)
        if not _holds(letter, digits):
            continue
        emptied = encode(replace(letter, payload=None, key=None)).decode()
        connection.execute(update(d).where(d.c.letter_id == letter_id).values(record=emptied))
        changed += 1
    return changed


def _holds(letter: DeadLetter, digits: bytes) -> bool:
    """National spelling has no country code: ten digits are looked for."""
    parts: Iterable[bytes | None] = (letter.payload, letter.key)
    return any(digits[-10:] in NOT_DIGITS.sub(b"", part) for part in parts if part)
