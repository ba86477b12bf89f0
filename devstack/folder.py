"""The directory of a stack: `state.json`, `lock`, `data/` and `logs/`, and nothing else is touched in it."""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from devstack import state
from devstack.errors import StackError
from devstack.state import State


@dataclass(frozen=True)
class Folder:
    """The directory at `path` (absolute); it need not exist yet."""

    path: Path

    @property
    def logs(self) -> Path:
        """The servers' output, one file each."""
        return self.path / "logs"

    def data(self, name: str) -> Path:
        """Where the server of that name keeps its data."""
        return self.path / "data" / name

    def load(self) -> State | None:
        """What was kept here; None if nothing was ever started."""
        return state.load(self._state)

    def kept(self) -> State:
        """What was kept here; an error if nothing was ever started."""
        found = self.load()
        if found is None:
            raise StackError(f"Nothing was started in {self.path}.")
        return found

    def save(self, kept: State) -> None:
        """Keep it."""
        kept.save(self._state)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One command at a time, among processes and threads."""
        self.path.mkdir(parents=True, exist_ok=True)
        with self._lock.open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    def wipe(self) -> None:
        """Remove what a stack made here, and the directory if nothing else is in it."""
        for folder in (self.path / "data", self.logs):
            shutil.rmtree(folder, ignore_errors=True)
        for file in (self._state, self._lock):
            file.unlink(missing_ok=True)
        if not any(self.path.iterdir()):
            self.path.rmdir()

    @property
    def _state(self) -> Path:
        return self.path / "state.json"

    @property
    def _lock(self) -> Path:
        return self.path / "lock"
