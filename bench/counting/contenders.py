"""Who runs: how each is started, and what it promises."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from devstack import jars, java

WORKERS = Path(__file__).with_name("workers")
QUIX_PYTHON = Path(".venv-bench/bin/python")
STREAMS = "org.apache.kafka:kafka-streams:4.4.0"


class NotHere(Exception):
    """A contender cannot run on this machine; the message says what is missing."""


@dataclass(frozen=True)
class Contender:
    """``command`` may raise ``NotHere``; ``share``: of the input, as a slow one needs less of it."""

    name: str
    guarantee: str
    command: Callable[[], list[str]]
    env: dict[str, str] = field(default_factory=dict)
    slow: bool = False
    marks_commits: bool = False
    """Its transactions leave markers in the output, so that offsets say more than records."""


def _faust(module: str) -> Callable[[], list[str]]:
    name = f"bench.counting.workers.{module}"
    return lambda: [sys.executable, "-m", "faust", "-A", name, "worker", "-l", "warn", "--without-web"]


def _bare() -> list[str]:
    return [sys.executable, "-m", "bench.counting.workers.bare"]


def _quix() -> list[str]:
    if not QUIX_PYTHON.exists():
        raise NotHere("its environment .venv-bench is missing: make bench makes it")
    return [str(QUIX_PYTHON), str(WORKERS / "quix.py")]


def _kafka_streams() -> list[str]:
    compiler = shutil.which("javac")
    if compiler is None:
        raise NotHere("there is no javac on PATH: a JDK is needed to compile it")
    path = os.pathsep.join([jars.classpath(), *_streams_jars()])
    classes = Path(tempfile.gettempdir()) / f"counting-peer-{os.getpid()}"
    if not classes.exists():
        release = ["--release", "17"]
        command = [compiler, *release, "-cp", path, "-d", str(classes), str(WORKERS / "CountingPeer.java")]
        subprocess.run(command, check=True)
    memory = ["-Xmx512m", "-XX:+UseSerialGC"]
    return [java.find(), *memory, "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp",
            f"{classes}{os.pathsep}{path}", "CountingPeer"]  # fmt: skip


def _streams_jars() -> list[str]:
    import jgo  # noqa: PLC0415  half a second that only this contender needs

    return [str(artifact.resolve()) for artifact in jgo.resolve(STREAMS)]


AT_LEAST_ONCE = "at least once"
CONTENDERS = (
    Contender("stock Faust", "loses on crash", _faust("stock_faust"), slow=True),
    Contender(
        "Quix Streams", AT_LEAST_ONCE, _quix, {"BENCH_GUARANTEE": "at-least-once", "BENCH_COMMIT_S": "5"}
    ),
    Contender(
        "Kafka Streams, memory", "exactly once", _kafka_streams, {"BENCH_STORE": "memory://"},
        marks_commits=True,
    ),
    Contender(
        "Kafka Streams, RocksDB", "exactly once", _kafka_streams, {"BENCH_STORE": "rocksdb://"},
        marks_commits=True,
    ),
    Contender(
        "lane, memory", "table exact, outputs at least once", _faust("lane"), {"BENCH_STORE": "memory://"}
    ),
    Contender(
        "lane, rocksdict", "table exact, outputs at least once", _faust("lane"),
        {"BENCH_STORE": "rocksdb://"},
    ),
    Contender("bare loop", "none: no recovery, no rebalance", _bare),
)  # fmt: skip
