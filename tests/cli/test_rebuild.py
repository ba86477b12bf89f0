"""What ``reminders rebuild`` says of what it found."""

from typing import Any

import pytest
from aiokafka import TopicPartition
from rich.console import Console
from typer.testing import CliRunner

from cli import rebuild
from cli.main import app
from streams.lane import LaneError
from streams.lane.rebuild import Finding
from streams.lane.replaced import Place

FOUND = [
    Finding(TopicPartition("bookings", 3), "replaced", Place(9, 10, "lane", 4), 0, {"log": 9}),
    Finding(TopicPartition("sign-ups", 0), "reset", Place(99, 5, "", 200), 0, {"log": 99}),
]


def run(monkeypatch: pytest.MonkeyPatch, found: Any, *args: str) -> Any:
    async def find(_config: Any, *, yes: bool) -> Any:
        if isinstance(found, Exception):
            raise found
        return found

    monkeypatch.setattr(rebuild, "_rebuild", find)
    monkeypatch.setattr(rebuild, "console", Console(width=200))
    return CliRunner().invoke(app, ["rebuild", *args], env={"COLUMNS": "200", "ENVIRONMENT": "demo"})


def test_it_shows_what_it_would_do_and_how_to_do_it(monkeypatch: pytest.MonkeyPatch) -> None:
    told = run(monkeypatch, FOUND)
    assert told.exit_code == 0
    assert "Nothing was changed. To do it: reminders rebuild --yes" in told.output
    for word in ("bookings", "read from its beginning", "sign-ups", "handled again"):
        assert word in " ".join(told.output.split())


def test_it_says_what_comes_next(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Done: start the workers." in run(monkeypatch, FOUND, "--yes").output


def test_nothing_found_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "nothing to rebuild" in run(monkeypatch, []).output


def test_a_running_worker_is_a_reason_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    told = run(monkeypatch, LaneError("workers of sms-reminders are running: stop them first"))
    assert told.exit_code == 1
    assert "stop them first" in told.output


def test_kafka_away_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    told = run(monkeypatch, TimeoutError())
    assert told.exit_code == 2
    assert "Kafka at" in told.output
