"""A process is ended when it is the one that was started, and only then."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from devstack import process
from devstack.process import Process

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
POLITE = [
    sys.executable,
    "-uc",
    "import signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: sys.exit(print('asked to end')));"
    "print('ready'); time.sleep(60)",
]
STUBBORN = [
    sys.executable,
    "-uc",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready'); time.sleep(60)",
]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "logs" / "it.log"


@pytest.fixture
def sleeper(log: Path) -> Iterator[Process]:
    started = process.spawn(SLEEP, log)
    yield started
    process.kill([started])


def test_it_is_alive_until_ended(sleeper: Process) -> None:
    assert sleeper.alive()
    process.end([sleeper], grace_s=10)
    assert not sleeper.alive()


def test_another_process_with_its_pid_is_left_alone(sleeper: Process) -> None:
    stale = replace(sleeper, started=f"not {sleeper.started}")
    assert not stale.alive()
    process.end([stale], grace_s=0)
    process.kill([stale])
    assert sleeper.alive()


def test_ending_what_ended_does_nothing(sleeper: Process) -> None:
    for _ in range(2):
        process.end([sleeper], grace_s=10)
    process.kill([sleeper])


def test_a_paused_one_goes_on_to_end_in_order(log: Path) -> None:
    polite = process.spawn(POLITE, log)
    while log.read_text() != "ready\n":
        assert polite.alive()
    polite.send(signal.SIGSTOP)
    assert polite.alive()
    process.end([polite], grace_s=10)
    assert not polite.alive()
    assert log.read_text() == "ready\nasked to end\n"


def test_one_that_does_not_listen_is_killed(log: Path) -> None:
    stubborn = process.spawn(STUBBORN, log)
    while log.read_text() != "ready\n":
        assert stubborn.alive()
    process.end([stubborn], grace_s=0.2)
    assert not stubborn.alive()


def test_one_that_ends_by_itself_is_not_alive(log: Path) -> None:
    ended = process.spawn([sys.executable, "-c", "print('bye')"], log)
    while ended.alive():
        pass
    assert log.read_text() == "bye\n"


def test_a_child_of_another_that_nobody_waited_for_is_not_alive() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as unknown:
        seen = Process(unknown.pid, process._start_time(unknown.pid) or "")
        while seen.alive():
            pass
        assert unknown.returncode is None  # ended, yet not collected


def test_systems_without_proc_are_asked_through_ps(sleeper: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_from_proc", process._from_ps)
    seen = Process(sleeper.pid, process._start_time(sleeper.pid) or "")
    assert seen.alive()
    process.kill([seen])
    assert not sleeper.alive()
    assert not seen.alive()
