"""`reminders records rebuild`: only how far the topics are written is forgotten, and only if told to."""

import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from records import engine as engines
from records.engine import connect
from records.queries import next_offsets
from records.writes import note_offset, write
from runtime.config import Config
from tests.records.desk import KEYS, delivery, dump


def test_offsets_go_and_rows_stay(terminal: CliRunner, config: Config) -> None:
    engine = connect(config.records_url)
    with engine.begin() as connection:
        note_offset(connection, "notices", 1, None, 5)
        write(connection, [delivery()], KEYS)
    refused = terminal.invoke(app, ["records", "rebuild"], input="n\n")
    with engine.connect() as connection:
        before = dump(connection)
    assert (refused.exit_code, len(before["offsets"])) == (1, 1)

    done = terminal.invoke(app, ["records", "rebuild", "--yes"])
    assert (done.exit_code, "1 partitions will be read again" in done.output) == (0, True)
    with engine.connect() as connection:
        assert next_offsets(connection) == {}
        assert dump(connection) == {**before, "offsets": []}
    engine.dispose()


def test_records_that_another_keeps_locked(
    terminal: CliRunner, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They can be opened; what is to be written then is not: a line says so, no traceback."""
    connect(config.records_url).dispose()
    monkeypatch.setattr(engines, "LOCKED_MAX_S", 0)
    with sqlite3.connect(Path("records.sqlite")) as other:
        other.execute("BEGIN IMMEDIATE")
        told = terminal.invoke(app, ["records", "rebuild", "--yes"], env={"COLUMNS": "300"})
        other.rollback()
    assert told.exit_code == 2, repr(told.exception)
    assert "The records do not answer (OperationalError)" in told.output
    assert "nobody locks it. Then run this again" in told.output
