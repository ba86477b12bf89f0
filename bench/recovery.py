"""Tables read again from their changelogs: ``python -m bench.recovery [--keys 200000] [--rounds 3]``.

Timed between two lines that Faust itself logs, when it begins to restore and when it has read the changelog.
The longest pause of the event loop meanwhile is told by the worker.
"""

import argparse
import asyncio
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from aiokafka import AIOKafkaProducer

from bench import results
from bench.counting.contenders import CONTENDERS, Contender
from bench.counting.events import PARTITIONS
from bench.counting.measure import Bench
from devstack import Stack
from runtime.partition import partition_for
from streams.lane import changelog_topic_name

BEGUN, DONE = "Restoring state from changelog topics", "Done reading from changelog topics"
NAMES = ("stock Faust", "lane, memory", "lane, rocksdict")
_STAMP = re.compile(r"\[(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3})\]")
_PAUSE = re.compile(r"longest pause ([0-9.]+) ms")
_TIMEOUT_S = 240.0
Key = Callable[[str], bytes]


async def fill(servers: str, topic: str, keys: int, key_of: Key) -> None:
    """One row of each key, as the contender writes its keys."""
    async with AIOKafkaProducer(
        bootstrap_servers=servers, acks="all", linger_ms=20, max_batch_size=900_000
    ) as producer:
        for n in range(keys):
            key = key_of(f"person-{n:06d}")
            await producer.send(topic, b"%d" % n, key=key, partition=partition_for(key, PARTITIONS))
        await producer.flush()


async def recovered(bench: Bench, servers: str, one: Contender, keys: int, folder: Path) -> dict[str, float]:
    """Seconds that one worker took for its table, and the longest pause of its loop in ms."""
    name = f"recovery-{uuid4().hex[:8]}"
    changelog = changelog_topic_name(name, "counts")
    await bench.create({f"{name}-in": {}, f"{name}-out": {}, changelog: {"cleanup.policy": "compact"}})
    key_of: Key = str.encode if one.name != "stock Faust" else lambda key: f'"{key}"'.encode()
    await fill(servers, changelog, keys, key_of)
    env = os.environ | one.env | {
        "BENCH_BROKER": servers, "BENCH_IN": f"{name}-in", "BENCH_OUT": f"{name}-out", "BENCH_ID": name,
        "BENCH_DATA": str(folder / name), "BENCH_PAUSES": "1",
    }  # fmt: skip
    command = ["info" if word == "warn" else word for word in one.command()]
    log = folder / f"{name}.log"
    return await asyncio.to_thread(_timed, command, env, log)


def _timed(command: list[str], env: dict[str, str], log: Path) -> dict[str, float]:
    with log.open("wb") as file:
        worker = subprocess.Popen(command, env=env, stdout=file, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + _TIMEOUT_S
        while DONE not in (text := log.read_text(errors="replace")):
            if time.monotonic() > deadline or worker.poll() is not None:
                raise TimeoutError(text[-600:])
            time.sleep(0.1)
        time.sleep(0.5)
    finally:
        worker.kill()
        worker.wait()
    text = log.read_text(errors="replace")
    pause = _PAUSE.findall(text)
    return {"s": _at(text, DONE) - _at(text, BEGUN), "pause_ms": float(pause[-1]) if pause else 0.0}


def _at(log: str, line: str) -> float:
    [found, *_] = [one for one in log.splitlines() if line in one]
    stamp = _STAMP.search(found)
    if stamp is None:
        raise ValueError(f"no time in {found!r}")
    return datetime.strptime(stamp[1], "%Y-%m-%d %H:%M:%S,%f").timestamp()  # noqa: DTZ007  a difference


async def measured(servers: str, folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Interleaved rounds; the median of each, and how many times faster than stock Faust."""
    bench = Bench(servers, folder, seed=0)
    chosen = [one for one in CONTENDERS if one.name in NAMES]
    runs: dict[str, list[dict[str, float]]] = {one.name: [] for one in chosen}
    for n in range(options.rounds):
        for one in chosen:
            run = await recovered(bench, servers, one, options.keys, folder)
            runs[one.name].append(run)
            print(f"round {n + 1}: {one.name}: {run['s']:.2f} s, longest pause {run['pause_ms']:.0f} ms")  # noqa: T201
    stock = runs["stock Faust"]
    return {
        name: {
            "s": [round(run["s"], 2) for run in some],
            "keys_per_s": round(options.keys / statistics.median(run["s"] for run in some)),
            "longest_pause_ms": max(run["pause_ms"] for run in some),
            "times_stock_faust": round(
                statistics.median(its["s"] / mine["s"] for mine, its in zip(some, stock, strict=True)), 1
            ),
        }
        for name, some in runs.items()
    }


def main() -> int:
    """Measure and keep."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--keys", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        stack = Stack(Path(folder) / "servers", valkey=False, environ={})
        try:
            found = asyncio.run(measured(stack.start().kafka, Path(folder), options))
        finally:
            stack.stop(wipe=True)
    print(found)  # noqa: T201
    results.keep("recovery", {"keys": options.keys, "contenders": found})
    return 0


if __name__ == "__main__":
    sys.exit(main())
