"""Kafka and Valkey in one directory: start, stop, status, and the control that tests of failure need."""

import fcntl
import os
import shutil
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from devstack import process, state
from devstack.errors import StackError
from devstack.existing import check_kafka, check_redis
from devstack.kafka import Broker
from devstack.process import Process
from devstack.server import Server, bring_up
from devstack.state import State
from devstack.valkey import Valkey


@dataclass(frozen=True)
class Addresses:
    """Where clients connect: `host:port,...` of the brokers, and a `redis://` URL (empty without Valkey)."""

    kafka: str
    redis: str


@dataclass(frozen=True)
class ServerStatus:
    """One server: its address, whether it runs, its pid (None if it does not run or was not started here)."""

    name: str
    address: str
    running: bool
    pid: int | None = None


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
        self.directory = directory.absolute()
        self._wish = state.Wish(brokers, kafka_port, valkey_port)
        self._with_valkey = valkey
        self._existing_kafka = environ.get("KAFKA_BOOTSTRAP_SERVERS", "")
        self._existing_redis = environ.get("REDIS_URL", "")

    @property
    def logs(self) -> Path:
        """The folder of the servers' output, one file each."""
        return self.directory / "logs"

    def start(self) -> Addresses:
        """Start what does not run yet; return when a client is served by all of it."""
        if self._existing_kafka:
            check_kafka(self._existing_kafka)
        if self._existing_redis:
            check_redis(self._existing_redis)
        with self._locked():
            kept = state.plan(state.load(self._file), self._wish)
            self._bring_up(kept, self._servers(kept))
        return self._addresses(kept)

    def stop(self, *, wipe: bool = False) -> None:
        """End all that was started in this directory; with `wipe`, remove its data, logs and ports too."""
        if not self._file.exists():
            return
        with self._locked():
            kept = self._kept()
            process.end(kept.processes.values(), grace_s=Broker.grace_s)
            kept.processes.clear()
            kept.save(self._file)
            if wipe:
                self._wipe()

    def status(self) -> tuple[ServerStatus, ...]:
        """Every server of this stack, running or not; empty if there is none."""
        existing = {"kafka": self._existing_kafka, "redis": self._existing_redis}
        given = [ServerStatus(name, address, running=True) for name, address in existing.items() if address]
        kept = state.load(self._file)
        if kept is None:
            return tuple(given)
        return (*given, *(_status(server, kept) for server in self._servers(kept)))

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
        """End Valkey in order: everything told to it is on disk."""
        self._end("valkey")

    def kill_valkey(self) -> None:
        """End Valkey at once (SIGKILL): it may forget up to a second of writes."""
        self._signal("valkey", signal.SIGKILL)

    def flush_valkey(self) -> None:
        """Make Valkey forget everything."""
        for server in self._valkeys(self._kept()):
            server.flush()

    @property
    def _file(self) -> Path:
        return self.directory / "state.json"

    def _kept(self) -> State:
        kept = state.load(self._file)
        if kept is None:
            raise StackError(f"Nothing was started in {self.directory}.")
        return kept

    def _brokers(self, kept: State) -> list[Broker]:
        data = self.directory / "data"
        numbers = [] if self._existing_kafka else range(1, len(kept.seats) + 1)
        return [Broker(n, kept.seats, kept.cluster_id, data / f"kafka-{n}") for n in numbers]

    def _valkeys(self, kept: State) -> list[Valkey]:
        wanted = self._with_valkey and not self._existing_redis
        return [Valkey(kept.valkey_port, self.directory / "data" / "valkey")] if wanted else []

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
        return Addresses(self._existing_kafka or kafka, self._existing_redis or redis)

    def _bring_up(self, kept: State, servers: list[Server]) -> None:
        def note(name: str, started: Process) -> None:
            kept.processes[name] = started
            kept.save(self._file)

        kept.save(self._file)
        bring_up([server for server in servers if not kept.running(server.name)], self.logs, note)

    def _restart(self, name: str) -> None:
        with self._locked():
            kept = self._kept()
            self._bring_up(kept, [self._server(kept, name)])

    def _end(self, name: str) -> None:
        with self._locked():
            process.end([self._process(name)], grace_s=Broker.grace_s)

    def _signal(self, name: str, number: signal.Signals) -> None:
        with self._locked():
            running = self._process(name)
            running.send(number)
            if number is signal.SIGKILL:
                process.kill([running])

    def _process(self, name: str) -> Process:
        kept = self._kept()
        self._server(kept, name)  # refuses a name that is none of ours
        running = kept.running(name)
        if running is None:
            raise StackError(f"{name} does not run in {self.directory}.")
        return running

    def _wipe(self) -> None:
        """Remove what this stack made, and the directory if nothing else is in it."""
        for folder in (self.directory / "data", self.logs):
            shutil.rmtree(folder, ignore_errors=True)
        for file in (self._file, self._lock):
            file.unlink(missing_ok=True)
        if not any(self.directory.iterdir()):
            self.directory.rmdir()

    @property
    def _lock(self) -> Path:
        return self.directory / "lock"

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One command at a time in a directory, among processes and threads."""
        self.directory.mkdir(parents=True, exist_ok=True)
        with self._lock.open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield


def _status(server: Server, kept: State) -> ServerStatus:
    running = kept.running(server.name)
    return ServerStatus(server.name, server.address, running is not None, running.pid if running else None)
