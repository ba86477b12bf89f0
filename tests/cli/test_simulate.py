"""``reminders simulate``: worlds that hold, one that is broken, and no worlds at all."""

import pickle
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli import simulate
from cli.main import app
from rules import consent
from schemas.rows import PhoneStops
from tests.simulation.run import turn, turn_many


@pytest.mark.long
def test_worlds_that_hold(terminal: CliRunner) -> None:
    told = terminal.invoke(app, ["simulate", "--seeds", "2", "--from", "7", "--processes", "1"])
    assert told.exit_code == 0, told.output
    assert "2 worlds kept every promise: seeds 7 to 8" in told.output


def test_a_broken_world_is_told(terminal: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = 9, "BrokenPromise: a text is sent once", ("first line", "second line", "third line")
    monkeypatch.setattr(
        simulate, "_chunks", lambda seeds, processes: iter([(None, 2), (broken, 1), (None, 9)])
    )
    told = terminal.invoke(app, ["simulate", "--seeds", "30", "--from", "7", "--lines", "2"])
    assert told.exit_code == 1
    assert "World(9) broke a promise: BrokenPromise: a text is sent once" in told.output
    assert "third line" in told.output
    assert "first line" not in told.output
    assert "reminders simulate --seeds 1 --from 9" in told.output


def test_a_fault_is_found_and_told_with_its_history(monkeypatch: pytest.MonkeyPatch) -> None:
    def deaf(stops: PhoneStops) -> bool:
        return False

    monkeypatch.setattr("rules.gate.is_stopped", deaf)
    assert consent.is_stopped is not deaf
    broken = turn_many(range(300))
    assert broken is not None
    assert "STOP" in broken.what
    assert any("outside" in line for line in broken.history)
    assert turn(broken.seed) == broken, "the same seed tells the same story"


def test_what_comes_from_another_process_needs_no_tests_to_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command's own process cannot import the worlds."""
    monkeypatch.setattr("rules.gate.is_stopped", lambda stops: False)
    monkeypatch.setattr("sys.path", list(sys.path))
    answer = simulate.turn_chunk(range(300))
    assert answer[0] is not None
    seed, what, history = answer[0]
    assert (answer[1], what.startswith("BrokenPromise")) == (seed + 1, True)
    assert type(history[0]) is str
    assert b"tests.simulation" not in pickle.dumps(answer)


def test_outside_a_checkout_it_says_so(
    terminal: CliRunner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(simulate, "ROOT", tmp_path)
    told = terminal.invoke(app, ["simulate"])
    assert told.exit_code == 2
    assert "in a checkout of the project" in told.output
