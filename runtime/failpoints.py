"""Points where a test lets a process die or freeze, and wrong protocols that a test plants.

``REMINDERS_FAILPOINT=name`` ends the process as kill -9 would, ``name:n`` at the n-th passage;
``name:n:stop`` freezes it (SIGSTOP) until it is told to go on. ``REMINDERS_FAULT=name``, only with
``REMINDERS_TESTING=1``, turns a safeguard off: the crash tests must notice.
"""

import os
import signal
from collections import Counter

_NAME, _NTH, _HOW = [*os.environ.get("REMINDERS_FAILPOINT", "").split(":"), "", ""][:3]
_FAULT = os.environ.get("REMINDERS_FAULT", "") if os.environ.get("REMINDERS_TESTING") == "1" else ""
_passed: Counter[str] = Counter()


def passing(name: str) -> None:
    """End or freeze the process at once if the environment names this point."""
    if name != _NAME:
        return
    _passed[name] += 1
    if _passed[name] == int(_NTH or 1):
        if _HOW == "stop":
            os.kill(os.getpid(), signal.SIGSTOP)
        else:
            os._exit(137)


def planted(*names: str) -> bool:
    """Whether one of these faults is planted."""
    return _FAULT in names


def fault() -> str:
    """The planted fault; empty outside tests."""
    return _FAULT
