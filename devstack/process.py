"""A process that outlives its starter and is never mistaken for another one with the same pid."""

import os
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from devstack.errors import StackError

_POLL_S = 0.02
# own children, kept to collect their exit: else each one ended stays in the process table until we end
_children: dict[int, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True)
class Process:
    """A pid together with the start time the system gives it: the two are never given twice."""

    pid: int
    started: str

    def alive(self) -> bool:
        """Whether this very process still runs (also when paused)."""
        return _start_time(self.pid) == self.started

    def send(self, number: signal.Signals) -> None:
        """Signal it, if it still runs; another process that got its pid is left alone."""
        if not self.alive():
            return
        try:
            os.kill(self.pid, number)
        except ProcessLookupError:
            return


def spawn(argv: Sequence[str], log: Path, env: Mapping[str, str] | None = None) -> Process:
    """Start a command in a session of its own, its output appended to `log`; `env` None: as ours."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        child = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=env,
        )
    _children[child.pid] = child
    # a child already gone has no start time; the empty one equals none, so it counts as ended
    return Process(child.pid, _start_time(child.pid) or "")


def end(processes: Iterable[Process], *, grace_s: float) -> None:
    """Ask all to end (also paused ones), wait, and kill those that take longer than `grace_s`."""
    asked = list(processes)
    for process in asked:
        process.send(signal.SIGTERM)
        process.send(signal.SIGCONT)
    if not _gone(asked, grace_s):
        kill(asked)


def kill(processes: Iterable[Process]) -> None:
    """SIGKILL all and wait until they are gone."""
    killed = list(processes)
    for process in killed:
        process.send(signal.SIGKILL)
    if not _gone(killed, timeout_s=10):
        raise StackError(f"Could not kill {[process.pid for process in killed if process.alive()]}.")


def _gone(processes: Sequence[Process], timeout_s: float) -> bool:
    """Whether all ended within `timeout_s`."""
    deadline = time.monotonic() + timeout_s
    while any(process.alive() for process in processes):
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_S)
    return True


def _start_time(pid: int) -> str | None:
    """When the process with this pid started, in the system's own words; None if there is none."""
    seen = _from_proc(pid) if Path("/proc/self/stat").exists() else _from_ps(pid)
    if seen is None and (child := _children.pop(pid, None)):
        child.wait()  # it has ended, so this only collects its exit
    return seen


def _from_proc(pid: int) -> str | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    # proc(5): the name in parentheses may hold spaces; after it come state (field 3) ... starttime (field 22)
    fields = text.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else fields[19]


def _from_ps(pid: int) -> str | None:
    answer = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)],  # noqa: S607 - ps lies elsewhere on every system
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split(maxsplit=1)
    return answer[1].strip() if len(answer) == 2 and not answer[0].startswith("Z") else None
