"""How the system stands now, by the records: what is overdue, unclear, unread, and what is coming."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from records import tables
from records.dead_letters import open_count
from records.rows import iso

QUARTER = timedelta(minutes=15)
GRACE = timedelta(minutes=1)
OPEN = ("planned", "released", "withdrawn")


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Counts, and the age of the oldest text that is overdue."""

    unresolved: int
    dead_letters: int
    overdue: int
    oldest_overdue_s: float


def standing_now(connection: Connection, now: datetime) -> Standing:
    """Ask the records. A text waits from a minute after it was due."""
    t = tables.texts
    late = select(func.count(), func.min(t.c.due_at)).where(
        t.c.state.in_(OPEN), t.c.due_at < iso(now - GRACE)
    )
    overdue, oldest = connection.execute(late).one()
    unresolved = select(func.count()).select_from(t).where(t.c.state == "unresolved")
    return Standing(
        unresolved=connection.execute(unresolved).scalar_one(),
        dead_letters=open_count(connection),
        overdue=overdue,
        oldest_overdue_s=(now - datetime.fromisoformat(oldest)).total_seconds() if oldest else 0.0,
    )


def coming(connection: Connection, now: datetime, ahead: timedelta) -> dict[datetime, int]:
    """Segments planned for each quarter hour from now on that has any, by its beginning."""
    t = tables.texts
    minute = func.substr(t.c.due_at, 1, 16)
    query = (
        select(minute, func.sum(t.c.segments))
        .where(t.c.state.in_(OPEN[:2]), t.c.due_at >= iso(now), t.c.due_at < iso(now + ahead))
        .group_by(minute)
    )
    found: Counter[datetime] = Counter()
    for text, segments in connection.execute(query):
        at = datetime.fromisoformat(f"{text}:00+00:00")
        found[at - timedelta(minutes=at.minute % 15)] += int(segments or 0)
    return dict(sorted(found.items()))


def capacity(number_rate_per_s: float, account_rate_per_s: float) -> float:
    """Segments that the number can carry in a quarter hour."""
    return min(number_rate_per_s, account_rate_per_s) * QUARTER.total_seconds()
