"""``reminders topics``: make what is missing, say what differs."""

import asyncio
import sys
from typing import Annotated

import typer
from aiokafka.errors import KafkaError
from rich.console import Console
from rich.table import Table

from cli import environment
from cli.away import kafka_away
from runtime import topics_admin
from runtime.config import BadConfig, Config
from schemas.topics import TOPICS

console = Console(width=None if sys.stdout.isatty() else 200)


def topics(
    check: Annotated[bool, typer.Option("--check", help="change nothing, say what differs")] = False,
    show: Annotated[bool, typer.Option("--show", help="list the topics, who writes and reads them")] = False,
) -> None:
    """Make the topics and changelogs that are missing. Safe to run at any time, any number of times.

    Example: reminders topics --check
    """
    if show:
        console.print(_table())
        return
    config = environment.config()
    try:
        done = _check(config) if check else _ensure(config)
    except BadConfig as error:
        console.print(str(error), style="red", markup=False)
        raise typer.Exit(1) from None
    except (KafkaError, OSError) as error:  # a timeout is an OSError too
        console.print(kafka_away(config, error), style="red", markup=False, soft_wrap=True)
        raise typer.Exit(2) from None
    raise typer.Exit(0 if done else 1)


def _check(config: Config) -> bool:
    differences = asyncio.run(topics_admin.check(config))
    for difference in differences:
        console.print(difference, style="red", markup=False)
    return not differences


def _ensure(config: Config) -> bool:
    made = asyncio.run(topics_admin.ensure(config))
    console.print(f"{len(made)} topics made, {len(topics_admin.wanted(config)) - len(made)} were there")
    return True


def _table() -> Table:
    table = Table(header_style="bold")
    for heading in ("topic", "messages", "writers", "readers", "kept"):
        table.add_column(heading)
    for topic in TOPICS:
        kept = topic.cleanup if topic.retention_s is None else f"{topic.retention_s // 86_400} days"
        names = ", ".join(message.__name__ for message in topic.messages)
        table.add_row(topic.name, names, ", ".join(topic.writers), ", ".join(topic.readers), kept)
    return table
