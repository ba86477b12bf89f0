"""``reminders rebuild``: after a topic was recreated or offsets were set back, let workers start again."""

import asyncio
import sys
from typing import Annotated

import typer
from aiokafka.errors import KafkaError
from rich.console import Console
from rich.table import Table

from cli import environment
from cli.away import kafka_away
from runtime.config import Config
from schemas.topics import TABLES
from streams.lane import LaneError
from streams.lane.rebuild import Finding, Rebuild
from streams.topology import FLOWS

console = Console(width=None if sys.stdout.isatty() else 200)
MEANING = {
    "replaced": "the log ends before what was read of it; it will be read from its beginning",
    "reset": "offsets were set back by hand; what lies between will be handled again",
}


def rebuild(
    yes: Annotated[bool, typer.Option("--yes", help="do it; without, only show what would be done")] = False,
) -> None:
    """Let tables forget how far a source was read, where its log was recreated or its offsets were set back.

    Rows of tables stay. All workers must be stopped. Example: reminders rebuild --yes
    """
    config = environment.config()
    try:
        found = asyncio.run(_rebuild(config, yes=yes))
    except LaneError as error:
        console.print(str(error), style="red", markup=False)
        raise typer.Exit(1) from None
    except (KafkaError, OSError) as error:  # a timeout is an OSError too
        console.print(kafka_away(config, error), style="red", markup=False, soft_wrap=True)
        raise typer.Exit(2) from None
    _tell(found, done=yes)


async def _rebuild(config: Config, *, yes: bool) -> list[Finding]:
    sources = {flow.topic.name for flow in FLOWS}
    async with Rebuild(
        config.kafka_bootstrap_servers, config.app_id, sources=sources, tables=TABLES
    ) as rebuilding:
        found = await rebuilding.find()
        if yes:
            await rebuilding.forget(found)
    return found


def _tell(found: list[Finding], *, done: bool) -> None:
    if not found:
        console.print("Every source is where the tables say: nothing to rebuild.")
        return
    table = Table(header_style="bold")
    for heading in ("source", "partition", "tables hold up to", "committed", "log", "what it means"):
        table.add_column(heading)
    for finding in found:
        place = finding.place
        offsets = str(place.mark), str(place.committed), f"{finding.first} to {place.end}"
        table.add_row(finding.tp.topic, str(finding.tp.partition), *offsets, MEANING[finding.problem])
    console.print(table)
    console.print(
        "Done: start the workers." if done else "Nothing was changed. To do it: reminders rebuild --yes"
    )
