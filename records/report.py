"""How the texts of a time ended: each in one end state, with the reasons, the lateness and the segments."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from records import tables
from records.life import ENDS
from records.rows import iso

LATENESS_S = (1, 5, 30, 60, 300)


@dataclass(frozen=True)
class Bar:
    """A line of a plot."""

    name: str
    value: float


@dataclass(frozen=True, kw_only=True)
class Report:
    """Counts of versions of texts, each counted on its own; ``plots`` are headings with their bars."""

    since: str
    until: str | None
    planned: int
    ended: int
    open: int
    plots: list[tuple[str, list[Bar]]]


def report_of(
    connection: Connection,
    since: datetime,
    until: datetime | None,
    workspace_id: str | None,
    *,
    tests: bool = False,
) -> Report:
    """The report of the texts that were due in a time."""
    where = _where(since, until, workspace_id, tests=tests)
    t = tables.texts
    states = dict(_counts(connection, where, t.c.state))
    return Report(
        since=since.isoformat(timespec="minutes"),
        until=until.isoformat(timespec="minutes") if until else None,
        planned=connection.execute(select(func.count(t.c.planned_at)).where(*where)).scalar_one(),
        ended=sum(count for state, count in states.items() if state in ENDS),
        open=sum(count for state, count in states.items() if state not in ENDS),
        plots=[
            ("How they ended", _bars(states.items())),
            (
                "Why some did not go",
                _bars(_counts(connection, [*where, t.c.state == "suppressed"], t.c.reason)),
            ),
            ("Kinds", _bars(_counts(connection, where, t.c.kind))),
            ("What the carrier reports of those it took", _reports(connection, where)),
            ("Seconds after they were due", _lateness(connection, where)),
            ("Segments", _segments(connection, where)),
        ],
    )


def _where(
    since: datetime, until: datetime | None, workspace_id: str | None, *, tests: bool
) -> list[ColumnElement[bool]]:
    t = tables.texts
    where = [t.c.due_at >= iso(since)]
    where += [t.c.due_at < iso(until)] if until else []
    where += [t.c.workspace_id == workspace_id] if workspace_id else []
    return where + ([] if tests else [t.c.is_test.is_(False)])


def _counts(
    connection: Connection, where: list[ColumnElement[bool]], by: ColumnElement[Any]
) -> list[tuple[str, int]]:
    query = select(by, func.count()).where(*where).group_by(by).order_by(func.count().desc())
    return [(str(name or "unknown yet"), count) for name, count in connection.execute(query)]


def _bars(counts: Any) -> list[Bar]:
    return [Bar(str(name), count) for name, count in counts]


def _reports(connection: Connection, where: list[ColumnElement[bool]]) -> list[Bar]:
    t = tables.texts
    return _bars(_counts(connection, [*where, t.c.state == "accepted"], t.c.carrier_status))


def _lateness(connection: Connection, where: list[ColumnElement[bool]]) -> list[Bar]:
    """How many were accepted within so many seconds of their due time, each counted once."""
    late = tables.texts.c.lateness_s
    bars, below = [], None
    for limit in (*LATENESS_S, None):
        span: list[ColumnElement[bool]] = [late >= below] if below is not None else [late.is_not(None)]
        span += [late < limit] if limit is not None else []
        query = select(func.count()).select_from(tables.texts).where(*where, *span)
        name = f"under {limit}" if limit is not None else f"{below} or more"
        bars.append(Bar(name, connection.execute(query).scalar_one()))
        below = limit
    return bars


def _segments(connection: Connection, where: list[ColumnElement[bool]]) -> list[Bar]:
    t = tables.texts
    taken = [*where, t.c.state == "accepted"]
    query = select(func.sum(t.c.segments), func.sum(t.c.segments_billed)).where(*taken)
    predicted, billed = connection.execute(query).one()
    return [Bar("predicted", predicted or 0), Bar("billed, as far as reported", billed or 0)]
