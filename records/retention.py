"""How long each table keeps its rows, and when evidence is closed for ever."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, Table, delete, func, select, update

from records import own_tables, reply_tables, tables
from records.erasing import redact_consents
from records.rows import iso

AGES: dict[str, tuple[Table, str]] = {
    "bookings": (tables.bookings, "received_at"),
    "sign_ups": (tables.sign_ups, "at"),
    "inbound": (reply_tables.inbound, "received_at"),
    "handled_replies": (reply_tables.handled_replies, "at"),
    "texts": (tables.texts, "due_at"),
    "steps": (tables.steps, "at"),
    "notices": (tables.notices, "at"),
    "dead_letters": (tables.dead_letters, "at"),
    "openings": (own_tables.openings, "at"),
}
"""What a row's age is counted from. Ledger, consents, settings and erasures have no age of their own."""


def read_ages(words: str) -> dict[str, timedelta]:
    """``bookings=730,inbound=400`` in days, by table. Raises ``ValueError`` for a table or number unknown."""
    ages: dict[str, timedelta] = {}
    for part in (part.strip() for part in words.split(",") if part.strip()):
        name, _, days = part.partition("=")
        if name not in AGES:
            raise ValueError(f"{name} is no table with an age: {', '.join(AGES)}")
        ages[name] = timedelta(days=float(days))
    return ages


def expire(connection: Connection, now: datetime, ages: Mapping[str, timedelta]) -> dict[str, int]:
    """Delete rows that are older than their table's age; returns how many of each went."""
    gone: dict[str, int] = {}
    for name, age in ages.items():
        table, column = AGES[name]
        old = delete(table).where(table.c[column] < iso(now - age)).returning(*table.primary_key)
        gone[name] = len(connection.execute(old).all())
    return gone


def close_evidence(connection: Connection, now: datetime, age: timedelta) -> int:
    """Destroy the keys of persons whose last consent, end or text is older than ``age``; returns how many."""
    c, t, k = tables.consents, tables.texts, own_tables.evidence_keys
    person = c.c.workspace_id + "/" + c.c.person_id
    texted = select(t.c.consent_id, func.max(t.c.due_at).label("at")).group_by(t.c.consent_id).subquery()
    latest = func.max(func.coalesce(texted.c.at, c.c.at))
    query = select(person.label("person")).select_from(
        c.outerjoin(texted, texted.c.consent_id == c.c.consent_id)
    )
    past = query.group_by(person).having(latest < iso(now - age)).subquery()
    due = k.c.person.in_(select(past.c.person)) & k.c.salt.is_not(None)
    closed = update(k).where(due).values(salt=None, destroyed_at=iso(now)).returning(k.c.person)
    people = connection.execute(closed).scalars().all()
    for name in people:
        workspace_id, _, person_id = name.partition("/")
        theirs = (c.c.workspace_id == workspace_id) & (c.c.person_id == person_id)
        connection.execute(update(c).where(theirs).values(sealed=None))
        redact_consents(connection, theirs)
    return len(people)
