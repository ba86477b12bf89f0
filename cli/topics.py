"""``reminders topics``: make what is missing, say what differs."""

import asyncio
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from cli import environment
from runtime import topics_admin
from runtime.config import BadConfig
from schemas.topics import TOPICS

console = Console()


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
    if check:
        differences = asyncio.run(topics_admin.check(config))
        for difference in differences:
            console.print(f"[red]{difference}")
        raise typer.Exit(1 if differences else 0)
    try:
        made = asyncio.run(topics_admin.ensure(config))
    except BadConfig as error:
        console.print(f"[red]{error}")
        raise typer.Exit(1) from error
    console.print(f"{len(made)} topics made, {len(topics_admin.wanted(config)) - len(made)} were there")


def _table() -> Table:
    table = Table(header_style="bold")
    for heading in ("topic", "messages", "writers", "readers", "kept"):
        table.add_column(heading)
    for topic in TOPICS:
        kept = topic.cleanup if topic.retention_s is None else f"{topic.retention_s // 86_400} days"
        names = ", ".join(message.__name__ for message in topic.messages)
        table.add_row(topic.name, names, ", ".join(topic.writers), ", ".join(topic.readers), kept)
    return table
