"""``reminders unresolved``, ``reminders resolve``: sends of which nobody knows, until a person has looked."""

import asyncio
import sys
from datetime import UTC, datetime
from typing import Annotated, NoReturn

import msgspec
import typer
from aiokafka.errors import KafkaError
from rich.console import Console
from rich.table import Table
from sqlalchemy import RowMapping

from cli import environment
from cli.away import kafka_away
from cli.why import NoRecords, open_records
from records import queries
from rules.resolving import was_accepted, was_not_sent
from runtime.config import Config
from runtime.kafka import Publisher
from schemas.base import Id
from schemas.journal import Accepted, Rejected

console = Console(width=None if sys.stdout.isatty() else 200, highlight=False)
CANT = 2


def unresolved(
    workspace: Annotated[str | None, typer.Option(help="of this workspace only")] = None,
) -> None:
    """List the sends that stayed unclear: the carrier gave no evidence, so none is tried again by itself.

    Look each up in the carrier's own records (its number, its time), then say what you found with
    `reminders resolve`. Exits 1 while there are any.

    Example: reminders unresolved --workspace acme
    """
    rows = _listed(environment.config(), workspace)
    if not rows:
        console.print("No send is unresolved.")
        return
    console.print(_table(rows))
    console.print("Next: look them up at the carrier, then `reminders resolve TEXT_ID --help`.")
    raise typer.Exit(1)


def resolve(
    text_id: Annotated[str, typer.Argument(help="as `reminders unresolved` names it")],
    accepted: Annotated[str | None, typer.Option(metavar="UUID", help="the carrier has it, as this")] = None,
    not_sent: Annotated[
        str | None, typer.Option(metavar="NOTE", help="it has not: who looked, where")
    ] = None,
) -> None:
    """Say what became of an unresolved send. It is not sent again: if it still matters, tell the person.

    Examples: reminders resolve o6jzq5k2w7h4mbnx3dta2cfy5rgeiuls --accepted 83876bdb-2033-4876
              reminders resolve o6jzq5k2w7h4mbnx3dta2cfy5rgeiuls --not-sent "Ann, carrier's log of 4 May"
    """
    if (accepted is None) == (not_sent is None):
        raise typer.BadParameter("say either --accepted UUID or --not-sent NOTE")
    config = environment.config()
    record = _record(config, text_id, accepted, not_sent)
    try:
        asyncio.run(_publish(config, record))
    except (KafkaError, OSError) as error:  # a timeout is an OSError too
        _fail(kafka_away(config, error))
    console.print(f"Noted. `reminders why {text_id}` tells it once sender and archive have read it.")


def _listed(config: Config, workspace: str | None) -> list[RowMapping]:
    try:
        engine = open_records(config)
    except NoRecords as error:
        _fail(str(error))
    try:
        with engine.connect() as connection:
            return queries.unresolved(connection, workspace)
    finally:
        engine.dispose()


def _record(config: Config, text_id: str, accepted: str | None, not_sent: str | None) -> Accepted | Rejected:
    row = next((row for row in _listed(config, None) if row["text_id"] == text_id), None)
    if row is None:
        _fail(f"{text_id} is not unresolved. `reminders unresolved` lists what is.")
    text, attempt, now = queries.text_ref(row), row["attempt"] or 1, datetime.now(UTC)
    if not_sent is not None:
        return was_not_sent(text, attempt, note=not_sent, at=now)
    try:
        uuid = msgspec.convert(accepted, Id)
    except msgspec.ValidationError as error:
        raise typer.BadParameter(f"--accepted: {error}") from None
    return was_accepted(text, attempt, carrier_uuid=uuid, at=now)


async def _publish(config: Config, record: Accepted | Rejected) -> None:
    publisher = Publisher(config)
    try:
        await publisher.start()
        await publisher.publish([record])
    finally:
        await publisher.stop()


def _table(rows: list[RowMapping]) -> Table:
    table = Table(header_style="bold")
    columns = {
        "text": "text_id",
        "kind": "wording",
        "workspace": "workspace_id",
        "booking": "booking_id",
        "phone": "phone_ref",
        "due": "due_at",
        "unclear since": "ended_at",
    }
    for heading in columns:
        table.add_column(heading, overflow="fold", no_wrap=heading == "text")
    for row in rows:
        table.add_row(*(str(row[column] or "") for column in columns.values()))
    return table


def _fail(reason: str) -> NoReturn:
    console.print(reason, style="red", markup=False)
    raise typer.Exit(CANT)
