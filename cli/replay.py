"""``reminders replay``: read a topic again from an earlier place; before, see what would be sent."""

import asyncio
import getpass
import sys
from collections import Counter
from datetime import UTC, datetime
from typing import Annotated, NoReturn

import typer
from aiokafka.errors import KafkaError
from rich.console import Console
from rich.table import Table

from cli import environment
from cli.moments import moment
from cli.replay_doing import set_back
from cli.replay_looking import Found, Going, look
from cli.replay_reading import Running
from cli.why import NoRecords, open_records
from records.replays import Replay, note
from rules.sentences import NAMES
from runtime.config import Config
from schemas.topics import SMS_DELIVERIES
from streams.lane import LaneError
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
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only say what would be sent")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
    reason: Annotated[str, typer.Option(help="why; goes on record with your name")] = "",
) -> None:
    """Have a topic read again from a time on, and say before which texts would be sent.

    Workers and senders must be stopped. Nothing that has ended is sent again, and nothing after its time;
    what is foreseen takes for granted that nobody answers and that the carrier takes each text.

    Examples: reminders replay --topic booking-events --from 2h --dry-run
              reminders replay --topic booking-events --from 2h --reason "intake refused them by mistake"
    """
    if topic not in TOPICS:
        _fail(f"{topic} is none of: {', '.join(TOPICS)}")
    config, start = environment.config(), None if since == BEGINNING else moment(since)
    try:
        found = asyncio.run(look(config, topic, start, datetime.now(UTC)))
        _tell(found)
        if not dry_run:
            _do(config, found, reason, ask=not yes)
    except (Running, LaneError) as error:
        console.print(f"{error}, then run this again.", style="red", markup=False)
        raise typer.Exit(1) from None
    except (KafkaError, OSError) as error:  # a timeout is an OSError too
        _fail(f"Kafka at {config.kafka_bootstrap_servers}: {error or type(error).__name__}")


def _do(config: Config, found: Found, reason: str, *, ask: bool) -> None:
    if not found.again:
        console.print("Nothing lies between there and where it was read up to: nothing to replay.")
        return
    if not reason.strip():
        _fail("Say why with --reason: it goes on record.")
    if ask and not typer.confirm(f"Have {found.again} records of {found.topic} read again?"):
        raise typer.Exit(1)
    _noted(config, found, reason)
    asyncio.run(set_back(config, found))
    console.print("Done: start senders and workers.")


def _noted(config: Config, found: Found, reason: str) -> None:
    """Put it on record before it is done: it can be cut off, but not be silent."""
    done = Replay(
        topic=found.topic,
        places={tp.partition: span.first for tp, span in found.spans.items() if span.again},
        records=found.again,
        texts=sum(going.why != "lost" for going in found.goings),
        actor=getpass.getuser(),
        reason=reason,
        at=datetime.now(UTC),
    )
    try:
        engine = open_records(config)
    except NoRecords as error:
        _fail(f"{error} Without it a replay can't go on record.")
    with engine.begin() as connection:
        note(connection, done)
    engine.dispose()


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
        times = (_utc(going.delivery.released_at), _utc(going.delivery.not_after))
        table.add_row(*(name or "" for name in names), *times, WHY[going.why])
    return table


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def _fail(reason: str) -> NoReturn:
    console.print(reason, style="red", markup=False)
    raise typer.Exit(CANT)
