"""``reminders replay --dry-run``: what would be sent if a topic were read again from an earlier place."""

import asyncio
import sys
from collections import Counter
from datetime import UTC, datetime
from typing import Annotated, NoReturn

import typer
from aiokafka.errors import KafkaError
from rich.console import Console
from rich.table import Table

from cli import environment
from cli.away import kafka_away
from cli.moments import in_utc, moment
from cli.replay_looking import Found, Going, look
from cli.replay_reading import Running
from rules.sentences import NAMES
from schemas.topics import SMS_DELIVERIES
from streams.topology import FLOWS

console = Console(width=None if sys.stdout.isatty() else 200, highlight=False)
TOPICS = (*(flow.topic.name for flow in FLOWS), SMS_DELIVERIES.name)
CANT = 2
BEGINNING = "beginning"
WHY = {
    "anyway": "with or without the replay",
    "replay": "[yellow]only if it is replayed",
    "lost": "[yellow]only if it is not replayed",
}


def replay(
    topic: Annotated[str, typer.Option(help="a topic that workers or senders read")],
    since: Annotated[str, typer.Option("--from", help="a time, an age like 2h, or `beginning`")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="say what would be sent: all it does")],
) -> None:
    """Say which texts would be sent if a topic were read again from a time on. Changes nothing.

    Workers and senders must be stopped. Nothing that has ended is sent again, and nothing after its time;
    what is foreseen takes for granted that nobody answers and that the carrier takes each text. To have it
    read again, set the group's offsets back with Kafka's own tools, then `reminders rebuild --yes`.

    Example: reminders replay --topic booking-events --from 2h --dry-run
    """
    if topic not in TOPICS:
        _fail(f"{topic} is none of: {', '.join(TOPICS)}")
    if not dry_run:
        raise typer.BadParameter("only --dry-run is offered")
    config, start = environment.config(), None if since == BEGINNING else moment(since)
    try:
        _tell(asyncio.run(look(config, topic, start, datetime.now(UTC))))
    except Running as error:
        console.print(f"{error}, then run this again.", style="red", markup=False)
        raise typer.Exit(1) from None
    except (KafkaError, OSError) as error:  # a timeout is an OSError too
        _fail(kafka_away(config, error))


def _tell(found: Found) -> None:
    if found.goings:
        console.print(_table(found.goings))
    count = Counter(going.why for going in found.goings)
    console.print(f"{found.again} records of {found.topic} would be read again.")
    sent = count["anyway"] + count["replay"]
    console.print(f"{sent} texts would be sent, {count['replay']} of them because of the replay.")
    if count["lost"]:
        console.print(f"{count['lost']} texts would go no more because of the replay.", style="yellow")
    if found.refused:
        console.print(f"{found.refused} records would be dead letters.", style="yellow")


def _table(goings: list[Going]) -> Table:
    table = Table(header_style="bold")
    for heading in ("text", "what", "workspace", "booking", "phone", "goes", "not after", "goes if"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "text")
    for going in goings:
        text = going.delivery.text
        names = text.text_id, NAMES[text.wording], text.workspace_id, text.booking_id, text.phone_ref
        times = (in_utc(going.delivery.released_at), in_utc(going.delivery.not_after))
        table.add_row(*(name or "" for name in names), *times, WHY[going.why])
    return table


def _fail(reason: str) -> NoReturn:
    console.print(reason, style="red", markup=False)
    raise typer.Exit(CANT)
