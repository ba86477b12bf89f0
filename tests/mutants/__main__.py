"""``make mutants``: plants each fault in a copy of the code, and sees whether it is found.

``python -m tests.mutants [words of a name]``: the tests named with a fault must fail, and where it breaks a
promise, one of the worlds up to ``SEEDS`` too. Two at a time; ends 1 if one lives.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.faults import FAULTS, Fault

ROOT = Path(__file__).parents[2]
PARTS = ("agents", "rules", "runtime", "schemas", "streams", "tests", "pyproject.toml")
SEEDS = 2000
TIMEOUT_S = 400
TURN = f"""
from tests.simulation.run import turn_many
broken = turn_many(range({SEEDS}))
print(f"World({{broken.seed}}): {{broken.what[:90]}}" if broken else "alive")
"""


@dataclass(frozen=True)
class Found:
    """Who found a fault: a line of the test's report, a world and its broken promise; None if nobody did."""

    by_tests: str | None
    by_worlds: str | None
    took_s: float

    def is_enough(self, fault: Fault) -> bool:
        """Whether all found it that must."""
        return self.by_tests is not None and (self.by_worlds is not None or not fault.promise)


def main(words: list[str]) -> int:
    """Plant the faults whose names hold all these words; print who found each."""
    faults = [fault for fault in FAULTS if all(word in fault.name for word in words)]
    alive = 0
    with ThreadPoolExecutor(2) as pool:
        for fault, found in zip(faults, pool.map(look_for, faults), strict=True):
            alive += not found.is_enough(fault)
            worlds = found.by_worlds or ("ALIVE" if fault.promise else "not asked")
            print(f"{'found' if found.is_enough(fault) else 'ALIVE'}  {fault.name}  ({found.took_s:.0f} s)")  # noqa: T201  # the command's output
            print(f"       tests:  {found.by_tests or 'ALIVE'}\n       worlds: {worlds}", flush=True)  # noqa: T201  # likewise
    print(f"{len(faults)} faults, {alive} alive")  # noqa: T201  # likewise
    return 1 if alive else 0


def look_for(fault: Fault) -> Found:
    """Plant the fault in a copy, and run what must find it there."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for part in PARTS:
            _copied(ROOT / part, copy / part)
        plant(fault, copy)
        by_tests = _failed_test(copy, fault.tests)
        by_worlds = _broken_world(copy) if fault.promise else None
    return Found(by_tests, by_worlds, time.monotonic() - began)


def plant(fault: Fault, root: Path) -> None:
    """Change the file. Raises ``ValueError`` if the code is no longer as the fault has it."""
    file = root / fault.file
    code = file.read_text("utf-8")
    if code.count(fault.old) != 1:
        raise ValueError(f"{fault.name}: {fault.old!r} stands {code.count(fault.old)} times in {fault.file}")
    file.write_text(code.replace(fault.old, fault.new), "utf-8")


def _copied(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)


def _failed_test(copy: Path, tests: str) -> str | None:
    told = _run(copy, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--no-header", tests)
    return next((line[7:97] for line in told.splitlines() if line.startswith(("FAILED", "ERROR"))), None)


def _broken_world(copy: Path) -> str | None:
    told = _run(copy, "-c", TURN).strip()
    last = told.splitlines()[-1] if told else "no word"
    return None if last == "alive" else last


def _run(copy: Path, *arguments: str) -> str:
    env = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=copy,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    return done.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
