"""What a figure depends on: this machine, its versions, how busy it is; and the CPU a process has used."""

import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

from devstack.jars import KAFKA_VERSION

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_LIBRARIES = ("faust-streaming", "mode-streaming", "aiokafka", "rocksdict", "msgspec")


def described() -> dict[str, Any]:
    """Versions, cores, load average, commit."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True)  # noqa: S607, PLW1510
    return {
        "python": platform.python_version(),
        "kafka": KAFKA_VERSION,
        "libraries": {name: metadata.version(name) for name in _LIBRARIES},
        "cores": os.cpu_count(),
        "cpu": _cpu_model(),
        "load_average": [round(load, 1) for load in os.getloadavg()],
        "commit": commit.stdout.strip(),
    }


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor()


def cpu_s(pid: int) -> float:
    """User and system time of a process and its children, those that ended included."""
    ticks = sum(int(field) for field in _stat(pid)[11:15])
    return ticks / _TICKS_PER_S + sum(cpu_s(child) for child in _children(pid))


def resident_bytes(pid: int) -> int:
    """Memory a process has in RAM."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return ["0"] * 40


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []
