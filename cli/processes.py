"""Run one process of the system in the foreground: reminders worker, sender, gateway, archive, simulator."""

import os
import sys


def worker() -> None:
    """Run the Faust worker: every agent and table. More of them share the partitions."""
    argv = ["faust", "-A", "streams.worker", "worker", "--without-web", "--loglevel", "warn"]
    os.execv(sys.executable, [sys.executable, "-m", *argv])  # noqa: S606  # a fixed command of this project


def sender() -> None:
    """Run a sender: the only process that reaches the carrier."""
    from sender.process import main

    main()


def gateway() -> None:
    """Run the gateway: webhooks, pages, API."""
    from gateway.process import main

    main()


def archive() -> None:
    """Run the archive: writes topics into the records."""
    from archive.process import main

    main()


def simulator() -> None:
    """Run the simulated carrier: for demo and tests only."""
    from simulator.process import main

    main()
