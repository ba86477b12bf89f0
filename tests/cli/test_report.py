"""The report adds up, and the forecast says when the number is too small."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from archive.process import keys_of
from cli.main import app
from records.engine import connect
from records.report import report_of
from records.standing import coming, standing_now
from records.writes import write
from runtime.config import Config
from schemas.base import Message
from schemas.delivery_events import DeliveryEvent
from tests.records.desk import delivery, event

NOW = datetime(2026, 5, 4, 14, tzinfo=UTC)
ENDS = {"accepted": 5, "suppressed": 3, "expired": 2, "rejected": 1, "unresolved": 1}
OPEN = 4


def _name(number: int) -> str:
    return f"{number:032d}".translate(str.maketrans("0189", "abcd"))


def _day(count: int = 1) -> list[Message]:
    """Texts that end in every way, ``count`` times, and some that are still open."""
    ends = [end for end, number in ENDS.items() for _ in range(number * count)]
    found: list[Message] = []
    for number, end in enumerate([*ends, *[None] * OPEN]):
        fields = {"text_id": _name(number), "due_at": NOW + timedelta(seconds=number), "is_test": False}
        found += [event("planned", **fields), delivery(**fields)]
        if end is not None:
            late = 2.0 if end == "accepted" else None
            reason = "opted_out" if end == "suppressed" else None
            found.append(event(end, 3, lateness_s=late, reason=reason, **fields))
    return found


def _write(config: Config, messages: list[Message]) -> None:
    engine = connect(config.records_url)
    with engine.begin() as connection:
        write(connection, messages, keys_of(config))
    engine.dispose()


def _run(terminal: CliRunner, *words: str, exit_code: int = 0) -> str:
    done = terminal.invoke(app, words)
    assert done.exit_code == exit_code, done.output
    return done.output


def test_planned_is_the_sum_of_the_ends_and_of_what_is_open(terminal: CliRunner, config: Config) -> None:
    _write(config, _day())
    told = _run(terminal, "report", "--since", "2026-05-01")
    assert "16 planned = 12 ended + 4 still open, which is all of them." in told
    engine = connect(config.records_url)
    with engine.connect() as connection:
        found = report_of(connection, NOW - timedelta(days=1), None, None)
    engine.dispose()
    plots = dict(found.plots)
    assert {bar.name: bar.value for bar in plots["How they ended"]} == {**ENDS, "released": OPEN}
    assert [(bar.name, bar.value) for bar in plots["Why some did not go"]] == [("opted_out", 3)]
    late = {bar.name: bar.value for bar in plots["Seconds after they were due"]}
    assert (late["under 5"], sum(late.values())) == (5, 5)


def test_a_text_that_nobody_planned_is_told(terminal: CliRunner, config: Config) -> None:
    _write(config, [*_day(), delivery(text_id=_name(99), due_at=NOW, is_test=False)])
    told = _run(terminal, "report", "--since", "2026-05-01")
    assert "16 planned = 12 ended + 5 still open, WHICH DOES NOT ADD UP." in told


def test_a_time_and_a_workspace(terminal: CliRunner, config: Config) -> None:
    _write(config, _day())
    assert "0 planned" in _run(terminal, "report", "--since", "2026-05-05")
    assert "0 planned" in _run(terminal, "report", "--since", "2026-05-01", "--until", "2026-05-04")
    assert "0 planned" in _run(terminal, "report", "--since", "2026-05-01", "--workspace", "nobody")


def test_one_page_that_needs_nothing_else(terminal: CliRunner, config: Config, tmp_path: Path) -> None:
    _write(config, _day())
    _run(terminal, "report", "--since", "2026-05-01", "--html", str(tmp_path / "report.html"))
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "16 planned = 12 ended" in page
    assert "http" not in page.replace("http-equiv", "")
    assert "<script" not in page


@pytest.mark.long
def test_a_demo_day_of_5000_texts_adds_up_by_sql_too(terminal: CliRunner, config: Config) -> None:
    messages = _day(count=420)
    _write(config, messages)
    planned = {m.text_id for m in messages if isinstance(m, DeliveryEvent) and m.state == "planned"}
    engine = connect(config.records_url)
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT state, count(*) FROM texts GROUP BY state").all()
    engine.dispose()
    counts = {row[0]: row[1] for row in rows}
    assert counts == {**{end: number * 420 for end, number in ENDS.items()}, "released": OPEN}
    assert sum(counts.values()) == len(planned) == 5044
    told = _run(terminal, "report", "--since", "2026-05-01")
    assert "5044 planned = 5040 ended + 4 still open, which is all of them." in told


def test_the_forecast_by_quarter_hour(terminal: CliRunner, config: Config) -> None:
    soon = datetime.now(UTC) + timedelta(hours=2)
    quarter = soon - timedelta(minutes=soon.minute % 15, seconds=soon.second, microseconds=soon.microsecond)
    texts = [
        event("planned", text_id=_name(n), due_at=quarter + timedelta(minutes=n % 15), segments_predicted=1)
        for n in range(30)
    ]
    _write(config, list(texts))
    engine = connect(config.records_url)
    with engine.connect() as connection:
        assert coming(connection, datetime.now(UTC), timedelta(days=1)) == {quarter: 30}
    engine.dispose()
    assert "30 of 900 segments" in _run(terminal, "forecast")
    _write(config, [event("planned", text_id=_name(99), due_at=quarter, segments_predicted=901)])
    assert "TOO FULL" in _run(terminal, "forecast", exit_code=1)


def test_how_the_system_stands(config: Config) -> None:
    _write(config, _day())
    engine = connect(config.records_url)
    with engine.connect() as connection:
        found = standing_now(connection, NOW + timedelta(minutes=10))
    engine.dispose()
    assert (found.unresolved, found.overdue, found.dead_letters) == (1, OPEN, 0)
    assert found.oldest_overdue_s == 600 - sum(ENDS.values())
