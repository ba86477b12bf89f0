"""Named points between the sub-steps of a step, where a test can let the process die as by ``kill -9``.

``REMINDERS_FAILPOINT=after-outputs:3`` ends the process with status 137 at the third passage.
``REMINDERS_STEP_ORDER=reversed`` (only with ``REMINDERS_TESTING=1``) commits before it sends: the wrong
order, kept so that the crash tests can show that they would notice it.
"""

import os
from collections.abc import Mapping

POINTS = ("before-outputs", "after-outputs", "after-changelog", "after-store", "after-done")


class Failpoints:
    """At most one armed point of this process."""

    def __init__(self, name: str = "", passage: int = 0) -> None:
        if name and name not in POINTS:
            raise ValueError(f"no failpoint {name!r}; there are {', '.join(POINTS)}")
        self._name = name
        self._left = passage

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Failpoints":
        """The point named by ``REMINDERS_FAILPOINT`` as ``name:n``, or none."""
        name, _, passage = env.get("REMINDERS_FAILPOINT", "").partition(":")
        return cls(name, int(passage or 1))

    def hit(self, name: str) -> None:
        """Pass the point ``name``: nothing happens, or the process is gone."""
        if name == self._name:
            self._left -= 1
            if self._left == 0:
                os._exit(137)


def is_reversed(env: Mapping[str, str]) -> bool:
    """Whether a test asks for the wrong step order."""
    return env.get("REMINDERS_TESTING") == "1" and env.get("REMINDERS_STEP_ORDER") == "reversed"
