"""Run one process of the system in the foreground: reminders worker, sender, gateway, archive, simulator."""

import asyncio
import os
import sys
from collections.abc import Callable

import typer

from cli.away import kafka_away


def worker() -> None:
    """Run the Faust worker: every agent and table. More of them share the partitions."""
    _run(_require_topics)
    argv = ["faust", "-A", "streams.worker", "worker", "--without-web", "--loglevel", "warn"]
    os.execv(sys.executable, [sys.executable, "-m", *argv])  # noqa: S606  # a fixed command of this project


def sender() -> None:
    """Run a sender: the only process that reaches the carrier."""
    from sender.process import main

    _run(main)


def gateway() -> None:
    """Run the gateway: webhooks, pages, API."""
    from gateway.process import main

    _run(main)


def archive() -> None:
    """Run the archive: writes topics into the records."""
    from archive.process import main

    _run(main)


def simulator() -> None:
    """Run the simulated carrier: for demo and tests only."""
    from simulator.process import main

    _run(main)


def _run(main: Callable[[], None]) -> None:
    """A process that is refused by its settings or topics, or finds no Kafka, says so in a line."""
    from aiokafka.errors import KafkaConnectionError

    from runtime.config import BadConfig, Config

    try:
        main()
    except BadConfig as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from None
    except KafkaConnectionError as error:
        print(kafka_away(Config.from_env(), error), file=sys.stderr)
        raise typer.Exit(1) from None


def _require_topics() -> None:
    from runtime import topics_admin
    from runtime.config import Config

    asyncio.run(topics_admin.require(Config.from_env()))
