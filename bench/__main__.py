"""``make bench``: every script in turn, each a process of its own. Names after it choose some of them."""

import os
import subprocess
import sys

SCRIPTS = ("gate", "pacing", "webhook", "simulation", "why", "counting", "recovery", "product")


def main(names: list[str]) -> int:
    """Run the scripts; how many failed."""
    failed = 0
    for name in names or SCRIPTS:
        load = ", ".join(f"{part:.1f}" for part in os.getloadavg())
        sys.stdout.write(f"--- {name} (load {load}, {os.cpu_count()} cores)\n")
        sys.stdout.flush()
        failed += subprocess.run([sys.executable, "-m", f"bench.{name}"], check=False).returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
