"""Kafka and Valkey in one directory: start, stop, status, and the control that tests of failure need."""

import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from devstack import existing, process, state
from devstack.errors import StackError
from devstack.folder import Folder
from devstack.kafka import Broker
from devstack.process import Process
from devstack.server import Server, bring_up
from devstack.state import State
from devstack.valkey import Valkey

_GRACE_S = 20.0  # three brokers that end together need 6: the last one misses its quorum for 5


@dataclass(frozen=True)
class Addresses:
    """Where clients connect: `host:port,...` of the brokers, and a `redis://` URL (empty without Valkey)."""

    kafka: str
    redis: str


@dataclass(frozen=True)
class ServerStatus:
    """One server: whether it runs, and its pid; `own` is false for one that the environment names."""

    name: str
    address: str
    running: bool
    pid: int | None = None
    own: bool = True


class Stack:
    """Servers whose data, logs and pids lie in `directory`.

    `brokers` is 1 or 3 (None: as in the directory, else 1). `KAFKA_BOOTSTRAP_SERVERS` and `REDIS_URL` in
    `environ` (by default this process's) name servers that exist: they are used, and nothing is started in
    their place. Tests that kill servers pass `environ={}`. Calls block: use `asyncio.to_thread` in a loop.
    """

    def __init__(
        self,
        directory: Path,
        brokers: int | None = None,
        valkey: bool = True,
        *,
        kafka_port: int | None = None,
        valkey_port: int | None = None,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self._folder = Folder(directory.absolute())
        self._wish = state.Wish(brokers, kafka_port, valkey_port)
        self._with_valkey = valkey
        self._kafka = existing.kafka(environ)
        self._redis = existing.redis(environ)
        self._existing = [given for given in (self._kafka, self._redis) if given]

    @property
    def directory(self) -> Path:
        """Where data, logs and pids lie."""
        return self._folder.path

    @property
    def logs(self) -> Path:
        """The folder of the servers' output, one file each."""
        return self._folder.logs

    def start(self) -> Addresses:
        """Start what does not run yet; return when a client is served by all of it."""
        for given in self._existing:
            given.check()
        with self._folder.locked():
            kept = state.plan(self._folder.load(), self._wish)
            self._bring_up(kept, self._servers(kept))
        return self._addresses(kept)

    def stop(self, *, wipe: bool = False) -> None:
        """End all that was started in this directory; with `wipe`, remove its data, logs and ports too."""
        if self._folder.load() is None:
            return  # nothing to end, so no directory to make either
        with self._folder.locked():
            kept = self._folder.kept()
            process.end(kept.processes.values(), grace_s=_GRACE_S)
            kept.processes.clear()
            self._folder.save(kept)
            if wipe:
                self._folder.wipe()

    def status(self) -> tuple[ServerStatus, ...]:
        """Every server of this stack, running or not; empty if there is none."""
        found = self._existing
        given = [ServerStatus(one.name, one.address, one.answers(), own=False) for one in found]
        kept = self._folder.load()
        own = [_status(server, kept) for server in self._servers(kept)] if kept else []
        return (*given, *own)

    def start_broker(self, number: int) -> None:
        """Start one broker (from 1) again, on its old port and data."""
        self._restart(f"kafka-{number}")

    def stop_broker(self, number: int) -> None:
        """End one broker in order: it hands its leaderships over first."""
        self._end(f"kafka-{number}")

    def kill_broker(self, number: int) -> None:
        """End one broker at once (SIGKILL), as a crash would."""
        self._signal(f"kafka-{number}", signal.SIGKILL)

    def pause_broker(self, number: int) -> None:
        """Freeze one broker: its connections stay open, nothing answers."""
        self._signal(f"kafka-{number}", signal.SIGSTOP)

    def resume_broker(self, number: int) -> None:
        """Let a frozen broker go on."""
        self._signal(f"kafka-{number}", signal.SIGCONT)

    def start_valkey(self) -> None:
        """Start Valkey again, on its old port and data."""
        self._restart("valkey")

    def stop_valkey(self) -> None:
        """End Valkey in order."""
        self._end("valkey")

    def kill_valkey(self) -> None:
        """End Valkey at once (SIGKILL), as a crash would; what it acknowledged is in its append-only file."""
        self._signal("valkey", signal.SIGKILL)

    def flush_valkey(self) -> None:
        """Make Valkey forget everything."""
        for server in self._valkeys(self._folder.kept()):
            server.flush()

    def _brokers(self, kept: State) -> list[Broker]:
        numbers = [] if self._kafka else range(1, len(kept.seats) + 1)
        return [Broker(n, kept.seats, kept.cluster_id, self._folder.data(f"kafka-{n}")) for n in numbers]

    def _valkeys(self, kept: State) -> list[Valkey]:
        wanted = self._with_valkey and not self._redis
        return [Valkey(kept.valkey_port, self._folder.data("valkey"))] if wanted else []

    def _servers(self, kept: State) -> list[Server]:
        return [*self._brokers(kept), *self._valkeys(kept)]

    def _server(self, kept: State, name: str) -> Server:
        own = {server.name: server for server in self._servers(kept)}
        if name not in own:
            raise StackError(f"This stack has no {name} of its own; it has {', '.join(own) or 'nothing'}.")
        return own[name]

    def _addresses(self, kept: State) -> Addresses:
        kafka = ",".join(broker.address for broker in self._brokers(kept))
        redis = "".join(valkey.address for valkey in self._valkeys(kept))
        return Addresses(
            self._kafka.value if self._kafka else kafka, self._redis.value if self._redis else redis
        )

    def _bring_up(self, kept: State, servers: list[Server]) -> None:
        def note(name: str, started: Process) -> None:
            kept.processes[name] = started
            self._folder.save(kept)

        self._folder.save(kept)
        bring_up(servers, kept.alive(), self.logs, note)

    def _restart(self, name: str) -> None:
        with self._folder.locked():
            kept = self._folder.kept()
            self._bring_up(kept, [self._server(kept, name)])

    def _end(self, name: str) -> None:
        with self._folder.locked():
            process.end([self._process(name)], grace_s=_GRACE_S)

    def _signal(self, name: str, number: signal.Signals) -> None:
        with self._folder.locked():
            running = self._process(name)
            running.send(number)
            if number is signal.SIGKILL:
                process.kill([running])

    def _process(self, name: str) -> Process:
        kept = self._folder.kept()
        self._server(kept, name)  # refuses a name that is none of ours
        running = kept.alive().get(name)
        if running is None:
            raise StackError(f"{name} does not run in {self.directory}.")
        return running


def _status(server: Server, kept: State) -> ServerStatus:
    running = kept.alive().get(server.name)
    return ServerStatus(server.name, server.address, running is not None, running.pid if running else None)
