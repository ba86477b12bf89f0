"""What a stack needs to know of a server, and how it is brought up."""

import time
from collections.abc import Callable, Sequence
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

    @property
    def ports(self) -> tuple[int, ...]:
        """What it listens on."""

    @property
    def grace_s(self) -> float:
        """How long it may take to end when asked."""

    def prepare(self) -> None:
        """Write what it reads at its start."""

    def command(self) -> list[str]:
        """What to run."""

    def answers(self) -> bool:
        """Whether a client gets served now."""


def bring_up(
    servers: Sequence[Server],
    logs: Path,
    note: Callable[[str, Process], None],
    *,
    timeout_s: float = READY_TIMEOUT_S,
) -> None:
    """Start all at once and return when each serves; if one fails, end all and raise.

    `note` is told each process as soon as it exists.
    """
    started: list[Process] = []
    with ThreadPoolExecutor(max(len(servers), 1)) as pool:
        try:
            list(pool.map(lambda server: server.prepare(), servers))
            for server in servers:
                started.append(process.spawn(server.command(), logs / f"{server.name}.log"))
                note(server.name, started[-1])
            deadline = time.monotonic() + timeout_s
            list(pool.map(lambda server, own: _await_ready(server, own, logs, deadline), servers, started))
        except BaseException:
            process.kill(started)
            raise


def _await_ready(server: Server, running: Process, logs: Path, deadline: float) -> None:
    while not server.answers():
        if not running.alive():
            raise StackError(f"{server.name} ended while it started. {_last_words(logs, server.name)}")
        if time.monotonic() > deadline:
            raise StackError(f"{server.name} did not answer in time. {_last_words(logs, server.name)}")
        time.sleep(_POLL_S)


def _last_words(logs: Path, name: str, lines: int = 15) -> str:
    log = logs / f"{name}.log"
    tail = log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]
    return "\n".join([f"The end of {log}:", *tail])
