"""Explore every variant, the wide bounds too: ``python -m tests.model`` (some minutes, some GB)."""

import sys
import time

from tests.model.explore import explore
from tests.model.variants import MUST_FAIL, SAFE, WIDE


def main() -> int:
    """Print what was found; 1 if a safe variant fails or a wrong one does not."""
    wrong = 0
    for name, variant in {**MUST_FAIL, **SAFE, **WIDE}.items():
        begun = time.monotonic()
        found = explore(variant.rules, variant.bounds, wanted=variant.breaks, limit=20_000_000)
        wrong += bool(found.violation) != bool(variant.breaks) or not found.complete
        took_s = time.monotonic() - begun
        ends = found.violation or ", ".join(f"{status} {sent}" for status, sent in sorted(found.ends))
        print(f"{name:36} {found.states:9} states {took_s:6.1f} s  {ends}", flush=True)  # noqa: T201  # the command's output
        for step in found.trace:
            print("    ", step)  # noqa: T201  # likewise
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
