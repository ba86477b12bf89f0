"""Numbers for staff: what became of texts, how late, what is due, who opted out, what a switch touches."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, distinct, func, select

from records import tables
from records.rows import iso

OPEN = ("planned", "released")
OPTED_OUT = ("opted_out", "carrier_blocked")


@dataclass(frozen=True)
class Touched:
    """How many people (phones) and texts to come something touches."""

    people: int
    texts: int


def touched(connection: Connection, workspace_id: str, study_id: str | None, now: datetime) -> Touched:
    """What turning off a study, or with None the workspace, would keep from going: all that may still go."""
    t = tables.texts
    whose = [t.c.workspace_id == workspace_id, t.c.state.in_(OPEN), t.c.kind != "reply"]
    if study_id is not None:
        whose.append(t.c.study_id == study_id)
    query = select(func.count(distinct(t.c.phone_ref)), func.count()).where(*whose)
    people, texts = connection.execute(query).one()
    return Touched(people, texts)


def studies_of(connection: Connection, workspace_id: str) -> list[str]:
    """The studies that texts or settings of the workspace name."""
    t, s = tables.texts, tables.settings
    named = connection.execute(select(t.c.study_id).distinct().where(t.c.workspace_id == workspace_id))
    switched = connection.execute(select(s.c.study_id).distinct().where(s.c.workspace_id == workspace_id))
    return sorted({name for name in (*named.scalars(), *switched.scalars()) if name})


def revision_of(connection: Connection, workspace_id: str, study_id: str | None, name: str) -> int:
    """The revision that a setting has; 0 if nobody set it."""
    s = tables.settings
    whose = (s.c.workspace_id == workspace_id, s.c.study_id == (study_id or ""), s.c.name == name)
    return connection.execute(select(s.c.revision).where(*whose)).scalar() or 0


def workspaces(connection: Connection) -> list[str]:
    """Every workspace that bookings or settings name."""
    b, s = tables.bookings, tables.settings
    booked = connection.execute(select(b.c.workspace_id).distinct()).scalars()
    switched = connection.execute(select(s.c.workspace_id).distinct()).scalars()
    return sorted({*booked, *switched} - {"all"})


def states(connection: Connection, workspace_id: str, since: datetime) -> dict[str, int]:
    """How many texts due since then are in each state; replies count too."""
    t = tables.texts
    query = select(t.c.state, func.count()).where(*_due_since(workspace_id, since)).group_by(t.c.state)
    return _pairs(connection, query)


def latenesses(connection: Connection, workspace_id: str, since: datetime) -> list[float]:
    """Seconds between due and accepted, of each text accepted that was due since then."""
    t = tables.texts
    query = select(t.c.lateness_s).where(*_due_since(workspace_id, since), t.c.state == "accepted")
    return [late for late in connection.execute(query).scalars() if late is not None]


def _due_since(workspace_id: str, since: datetime) -> list[ColumnElement[bool]]:
    t = tables.texts
    return [t.c.workspace_id == workspace_id, t.c.due_at >= iso(since)]


def due_by_hour(connection: Connection, workspace_id: str, now: datetime, until: datetime) -> Counter[str]:
    """Segments to come by hour, as ``2026-05-04T14`` in UTC."""
    t = tables.texts
    hour = func.substr(t.c.due_at, 1, 13).label("hour")
    segments = case((t.c.segments > 0, t.c.segments), else_=1)  # 0 until its words are made
    query = select(hour, func.sum(segments)).where(
        t.c.workspace_id == workspace_id,
        t.c.state == "planned",
        t.c.due_at >= iso(now),
        t.c.due_at < iso(until),
    )
    return Counter(_pairs(connection, query.group_by("hour")))


def opt_outs_by_day(connection: Connection, workspace_id: str, since: datetime) -> Counter[str]:
    """Opt-outs of phones that the workspace has texted, by day, as ``2026-05-04`` in UTC."""
    entries, t = tables.ledger, tables.texts
    texted = select(t.c.phone_ref).where(t.c.workspace_id == workspace_id)
    day = func.substr(entries.c.at, 1, 10).label("day")
    query = select(day, func.count()).where(
        entries.c.kind.in_(OPTED_OUT), entries.c.at >= iso(since), entries.c.phone_ref.in_(texted)
    )
    return Counter(_pairs(connection, query.group_by("day")))


def _pairs(connection: Connection, query: Select[Any]) -> dict[str, int]:
    return {name: int(count) for name, count in connection.execute(query)}
