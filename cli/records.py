"""``reminders records rebuild``: have the archive write the records again from the topics."""

from typing import Annotated

import typer
from rich.console import Console
from sqlalchemy.exc import OperationalError

from cli import environment
from cli.why import NoRecords, open_records
from records.writes import forget_offsets
from runtime.config import Config

app = typer.Typer(help="The records: what the archive wrote down of the topics.", no_args_is_help=True)
console = Console(highlight=False)


@app.callback()
def records() -> None:
    """Care for the records."""


@app.command()
def rebuild(
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
) -> None:
    """Have the archive read every topic again from its beginning: rows that are missing come back.

    Rows that are there stay as they are, also those that the topics no longer hold: take out what is damaged
    first. What was erased stays erased, as long as the tables of `records/own_tables.py` are kept. An archive
    that runs ends (exit code 1) and rebuilds when it is started again.

    Example: reminders records rebuild --yes
    """
    config = environment.config()
    if not yes:
        typer.confirm("Have the archive read all topics again?", abort=True)
    try:
        count = _forget(config)
    except NoRecords as error:
        console.print(str(error), style="red", markup=False)
        raise typer.Exit(2) from None
    except OperationalError as error:
        told = f"The records do not answer ({type(error).__name__}): see that the database runs"
        console.print(f"{told} and nobody locks it. Then run this again.", style="red", markup=False)
        raise typer.Exit(2) from None
    console.print(f"{count} partitions will be read again from their beginning: start the archive.")


def _forget(config: Config) -> int:
    """How many partitions it concerned."""
    engine = open_records(config)
    try:
        with engine.begin() as connection:
            return forget_offsets(connection)
    finally:
        engine.dispose()
