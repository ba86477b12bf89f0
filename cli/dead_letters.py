"""``reminders dead-letters``: records that could not be read; look, send again, or put aside."""

import asyncio
import getpass
import sys
from datetime import UTC, datetime
from typing import Annotated, NoReturn

import typer
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from rich.console import Console
from rich.table import Table
from sqlalchemy import Connection, Engine

from cli import environment
from cli.why import NoRecords, open_records
from records.dead_letters import Action, Letter, letters, settle
from runtime.config import Config
from runtime.kafka import producer_settings
from schemas.topics import BY_NAME

app = typer.Typer(help="Records that could not be read: look, send again, put aside.", no_args_is_help=True)
console = Console(width=None if sys.stdout.isatty() else 200, highlight=False)
CANT = 2
Id = Annotated[str, typer.Argument(help="as `reminders dead-letters list` names it")]
Reason = Annotated[str, typer.Option(help="why; goes on record with your name")]


@app.command("list")
def show_list(
    everything: Annotated[bool, typer.Option("--all", help="also those that are settled")] = False,
) -> None:
    """List the dead letters nobody has settled, oldest first. Exits 1 while there are any.

    Example: reminders dead-letters list
    """
    engine = _records(environment.config())
    with engine.connect() as connection:
        found = letters(connection, settled=everything)
    engine.dispose()
    if not found:
        console.print("No dead letter is open.")
        return
    console.print(_table(found))
    console.print("Next: `reminders dead-letters show ID`, then redrive or discard it.")
    if any(one.action is None for one in found):
        raise typer.Exit(1)


@app.command()
def show(letter_id: Id) -> None:
    """Show one dead letter whole. What it holds may be personal data: mind who looks over your shoulder.

    Example: reminders dead-letters show 3f2a9c0d1b7e4f60
    """
    engine = _records(environment.config())
    with engine.connect() as connection:
        one = _one(connection, letter_id)
    engine.dispose()
    letter = one.letter
    settled = f"{one.action} by {one.actor} at {one.settled_at}: {one.reason}" if one.action else "open"
    for name, value in (
        ("from", f"{letter.topic}, partition {letter.partition}, offset {letter.offset}"),
        ("at", letter.at.astimezone(UTC).isoformat()),
        ("wrong", letter.reason),
        ("size", f"{letter.size_bytes} bytes{'' if one.whole else ', of which the first 64 KiB are kept'}"),
        ("sha256", letter.sha256),
        ("state", settled),
        ("payload", (letter.payload or b"").decode(errors="backslashreplace")),
    ):
        console.print(f"{name:8} {value}", markup=False, soft_wrap=True)


@app.command()
def redrive(letter_id: Id, reason: Reason) -> None:
    """Send the record to its topic again, as it came: after what refused it was mended.

    Once only: a letter that is settled is left alone. Readers know a record that comes twice.

    Example: reminders dead-letters redrive 3f2a9c0d1b7e4f60 --reason "intake reads the old form again"
    """
    config = environment.config()
    engine = _records(config)
    try:
        with engine.begin() as connection:
            one = _one(connection, letter_id)
            _refuse(one)
            if not _settle(connection, one, "redriven", reason):
                return
            asyncio.run(_send(config, one))  # fails: the note is rolled back, and the letter stays open
    except (KafkaError, OSError) as error:
        _fail(f"Kafka did not take it ({type(error).__name__}): the letter is still open.")
    finally:
        engine.dispose()
    console.print(f"Sent again to {one.letter.topic}.")


@app.command()
def discard(letter_id: Id, reason: Reason) -> None:
    """Put a letter aside for good: nothing is sent.

    Example: reminders dead-letters discard 3f2a9c0d1b7e4f60 --reason "a test of upstream"
    """
    engine = _records(environment.config())
    with engine.begin() as connection:
        if _settle(connection, _one(connection, letter_id), "discarded", reason):
            console.print("Discarded.")
    engine.dispose()


def _records(config: Config) -> Engine:
    try:
        return open_records(config)
    except NoRecords as error:
        _fail(str(error))


def _one(connection: Connection, letter_id: str) -> Letter:
    found = letters(connection, letter_id=letter_id)
    return found[0] if found else _fail(f"No dead letter {letter_id} is on record.")


def _settle(connection: Connection, one: Letter, action: Action, reason: str) -> bool:
    if not reason.strip():
        _fail("Say why: the reason goes on record.")
    now = datetime.now(UTC)
    if settle(connection, one.letter_id, action, actor=getpass.getuser(), reason=reason, at=now):
        return True
    console.print(f"It was {one.action} by {one.actor} at {one.settled_at} already: nothing is done again.")
    return False


def _refuse(one: Letter) -> None:
    """What can't go again: a webhook, a topic of ours no longer, a record of which only a part was kept."""
    if one.letter.topic not in BY_NAME:
        _fail(f"{one.letter.topic} is no topic: nothing can be sent there. Discard it when it is dealt with.")
    if not one.whole:
        _fail("Only its first 64 KiB were kept: ask its sender to publish it again, then discard it.")


async def _send(config: Config, one: Letter) -> None:
    letter = one.letter
    partition = letter.partition if BY_NAME[letter.topic].partitioned else None
    producer = AIOKafkaProducer(**producer_settings(config))
    try:
        await producer.start()
        async with asyncio.timeout(config.kafka_timeout_s):
            await producer.send_and_wait(letter.topic, letter.payload, key=letter.key, partition=partition)
    finally:
        await producer.stop()


def _table(found: list[Letter]) -> Table:
    table = Table(header_style="bold")
    for heading in ("id", "at", "from", "what is wrong", "bytes", "state"):
        table.add_column(heading)
    for one in found:
        letter = one.letter
        at = letter.at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
        place = f"{letter.topic}/{letter.partition}@{letter.offset}"
        table.add_row(one.letter_id, at, place, letter.reason, str(letter.size_bytes), one.action or "open")
    return table


def _fail(reason: str) -> NoReturn:
    console.print(reason, style="red", markup=False)
    raise typer.Exit(CANT)
