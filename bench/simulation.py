"""Worlds a second of the simulation, in one process: ``python -m bench.simulation [seeds]`` (10 s for 400).

Turns the worlds, checks all promises, and counts the records that their logs hold by the end.
"""

import sys
import time

from structlog.testing import capture_logs

from tests.simulation.world import World


def main(seeds: int) -> int:
    """Print worlds and records a second. Raises ``BrokenPromise`` as the worlds do."""
    began, records = time.perf_counter(), 0
    with capture_logs():
        for seed in range(seeds):
            records += sum(len(log) for log in World(seed).run().broker.logs.values())
    took_s = time.perf_counter() - began
    worlds, written = seeds / took_s, records / took_s
    sys.stdout.write(f"{seeds} worlds, one process: {worlds:.0f} worlds/s, {written:.0f} records/s\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 400))
