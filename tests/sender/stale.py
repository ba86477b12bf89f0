"""A Valkey that comes back with what it knew a while ago."""

import shutil
import time
from pathlib import Path

from devstack import Stack


def restart_stale(stack: Stack, after_s: float) -> None:
    """Kill it, and let it come back with what it had saved ``after_s`` before."""
    data = stack.directory / "data" / "valkey"
    copy = Path(f"{data}.before")
    shutil.copytree(data, copy, dirs_exist_ok=True)
    time.sleep(after_s)
    stack.kill_valkey()
    shutil.rmtree(data)
    copy.rename(data)
    stack.start_valkey()
