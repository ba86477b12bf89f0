"""Named points between the sub-steps of a step, where a test can let the process die as by ``kill -9``.

``REMINDERS_FAILPOINT=after-outputs:3`` ends the process with status 137 at the third passage;
``after-outputs:3:freeze`` stops it there as SIGSTOP does, until a SIGCONT.
``REMINDERS_STEP_ORDER=reversed`` (only with ``REMINDERS_TESTING=1``) commits before it sends: the wrong
order, kept so that the crash tests can show that they would notice it. ``REMINDERS_NO_EPOCHS=1``, likewise:
changelogs without fences, where a worker that wakes after it was taken for dead overwrites its successor.
"""

import os
import signal
from collections.abc import Mapping

POINTS = (
    "before-outputs", "after-outputs", "before-changelog", "after-changelog", "after-store", "after-done",
)  # fmt: skip


class Failpoints:
    """At most one armed point of this process."""

    def __init__(self, name: str = "", passage: int = 0, *, freeze: bool = False) -> None:
        if name and name not in POINTS:
            raise ValueError(f"no failpoint {name!r}; there are {', '.join(POINTS)}")
        self._name = name
        self._left = passage
        self._freeze = freeze

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Failpoints":
        """The point named by ``REMINDERS_FAILPOINT`` as ``name:n`` or ``name:n:freeze``, or none."""
        name, passage, act, *_ = [*env.get("REMINDERS_FAILPOINT", "").split(":"), "", ""]
        return cls(name, int(passage or 1), freeze=act == "freeze")

    def hit(self, name: str) -> None:
        """Pass the point ``name``: nothing happens, or the process is gone or frozen."""
        if name == self._name:
            self._left -= 1
            if self._left == 0:
                self._act()

    def _act(self) -> None:
        if self._freeze:
            os.kill(os.getpid(), signal.SIGSTOP)
        else:
            os._exit(137)


def is_reversed(env: Mapping[str, str]) -> bool:
    """Whether a test asks for the wrong step order."""
    return env.get("REMINDERS_TESTING") == "1" and env.get("REMINDERS_STEP_ORDER") == "reversed"


def knows_epochs(env: Mapping[str, str]) -> bool:
    """False if a test asks for changelogs without fences."""
    return not (env.get("REMINDERS_TESTING") == "1" and env.get("REMINDERS_NO_EPOCHS") == "1")
