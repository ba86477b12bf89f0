"""What a stack needs to know of a server, and how it is brought up."""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

from devstack import process
from devstack.errors import StackError
from devstack.process import Process

READY_TIMEOUT_S = 90.0
_POLL_S = 0.1


class Server(Protocol):
    """Kafka broker or Valkey."""

    @property
    def name(self) -> str:
        """Unique in its stack."""

    @property
    def address(self) -> str:
        """Where clients reach it."""

    def prepare(self) -> None:
        """Write what it reads at its start."""

    def command(self) -> list[str]:
        """What to run."""

    def answers(self) -> bool:
        """Whether a client gets served now."""


def bring_up(
    servers: Sequence[Server],
    running: Mapping[str, Process],
    logs: Path,
    note: Callable[[str, Process], None],
    *,
    timeout_s: float = READY_TIMEOUT_S,
) -> None:
    """Start those not `running` (by name); return when all serve, else end the new ones and raise.

    `note` is told each new process as soon as it exists.
    """
    missing = [server for server in servers if server.name not in running]
    started: dict[str, Process] = {}
    try:
        _prepare(missing)
        for server in missing:
            started[server.name] = process.spawn(server.command(), logs / f"{server.name}.log")
            note(server.name, started[server.name])
        _await_ready(servers, {**running, **started}, logs, timeout_s)
    except BaseException:
        process.kill(started.values())
        raise


def _prepare(servers: Sequence[Server]) -> None:
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda server: server.prepare(), servers))


def _await_ready(
    servers: Sequence[Server], processes: Mapping[str, Process], logs: Path, timeout_s: float
) -> None:
    deadline = time.monotonic() + timeout_s
    for server in servers:
        while not server.answers():
            ended = [name for name, own in processes.items() if not own.alive()]
            if ended:
                raise StackError(f"{ended[0]} ended while it started. {_last_words(logs, ended[0])}")
            if time.monotonic() > deadline:
                raise StackError(f"{server.name} did not answer in time. {_last_words(logs, server.name)}")
            time.sleep(_POLL_S)


def _last_words(logs: Path, name: str, lines: int = 15) -> str:
    """The end of a log without routine, so that the cause is in sight."""
    log = logs / f"{name}.log"
    told = log.read_text(encoding="utf-8", errors="replace").splitlines()
    grave = [line for line in told if " INFO " not in line and not line.startswith(("\t", "WARNING:"))]
    return "\n".join([f"From {log}:", *(grave or told)[-lines:]])
