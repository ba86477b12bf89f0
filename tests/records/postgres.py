"""PostgreSQL of Debian's package, in a folder of the test run, on loopback, never as root."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg

HOW_TO_GET_IT = "PostgreSQL is missing. Get it with: apt-get install -y --no-install-recommends postgresql"
START_TIMEOUT_S = 60


class Postgres:
    """A server that keeps nothing: no fsync, and its folder is removed at the end."""

    def __init__(self, logs: Path) -> None:
        self._logs, self._databases = logs, 0
        self._user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: Path | None = None

    def start(self) -> None:
        """Return when it answers. Raises ``RuntimeError`` where it can't, with what to do."""
        binaries = _binaries()
        self._folder = Path(tempfile.mkdtemp(prefix="records-"))  # pytest's folders are closed to others
        self._own(self._folder)
        self._run([binaries / "initdb", "-D", self._folder / "data", "-A", "trust", "-U", "records", "-N"])
        self._port = _free_port()
        command = [binaries / "postgres", "-D", self._folder / "data", "-p", str(self._port)]
        command += ["-h", "127.0.0.1", "-k", self._folder, "-c", "fsync=off", "-c", "shared_buffers=16MB"]
        with (self._logs / "postgres.log").open("wb") as log:
            self._process = subprocess.Popen(
                command, cwd="/", stdout=log, stderr=log, user=self._as_user(), group=self._as_group()
            )
        self._await()

    def new_database(self) -> str:
        """The SQLAlchemy URL of a new, empty database."""
        self._databases += 1
        name = f"records_{self._databases}"
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")  # type: ignore[call-overload]
        return f"postgresql://records@127.0.0.1:{self._port}/{name}"

    def stop(self) -> None:
        """End it at once: nothing in it is of use any more."""
        if self._process is not None:
            self._process.send_signal(2)
            self._process.wait(timeout=20)
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _await(self) -> None:
        until = time.monotonic() + START_TIMEOUT_S
        while True:
            try:
                psycopg.connect(self._address("postgres")).close()
            except psycopg.OperationalError:
                if time.monotonic() > until or (self._process and self._process.poll() is not None):
                    raise RuntimeError((self._logs / "postgres.log").read_text("utf-8")) from None
                time.sleep(0.1)
            else:
                return

    def _address(self, database: str) -> str:
        return f"host=127.0.0.1 port={self._port} user=records dbname={database}"

    def _run(self, command: list[object]) -> None:
        done = subprocess.run(
            [str(part) for part in command],
            cwd="/",
            capture_output=True,
            check=False,
            user=self._as_user(),
            group=self._as_group(),
        )
        if done.returncode:
            raise RuntimeError(done.stderr.decode(errors="replace"))

    def _own(self, folder: Path) -> None:
        if os.geteuid() == 0:
            os.chown(folder, pwd.getpwnam(self._user).pw_uid, pwd.getpwnam(self._user).pw_gid)

    def _as_user(self) -> str | None:
        return self._user if os.geteuid() == 0 else None

    def _as_group(self) -> int | None:
        return pwd.getpwnam(self._user).pw_gid if os.geteuid() == 0 else None


def _binaries() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), reverse=True)
    if not found:
        raise RuntimeError(HOW_TO_GET_IT)
    return found[0].parent


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
