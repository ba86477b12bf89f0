"""``reminders ledger verify``: is the consent ledger as it was written?"""

import asyncio
from typing import Annotated

import typer
from aiokafka.errors import KafkaError
from rich.console import Console

from cli import environment
from cli.away import kafka_away
from cli.why import NoRecords, open_records
from records.chain import broken
from rules.ledger import Broken
from runtime.config import Config
from runtime.ledger_heads import ledger_heads
from schemas.rows import LedgerHead

app = typer.Typer(help="The consent ledger: each entry seals the one before it.", no_args_is_help=True)
console = Console(highlight=False)
MEANINGS = {
    "wrong_partition": "it stands in another chain than its own",
    "out_of_order": "its number is there twice",
    "missing": "entries before it are gone",
    "unlinked": "it follows another entry than the one before it",
    "changed": "it is not what was sealed",
    "rewritten": "the chain is sound, but not the one whose head the worker holds",
    "truncated": "the chain ends before the head that the worker holds",
}


@app.callback()
def ledger() -> None:
    """Check the consent ledger."""


@app.command()
def verify(
    offline: Annotated[
        bool, typer.Option("--offline", help="without Kafka; an end cut off is then not seen")
    ] = False,
) -> None:
    """Compute every hash and link again; name the first broken entry of each chain. Exits 1 if one is.

    Example: reminders ledger verify
    """
    config = environment.config()
    heads = {} if offline else _heads(config)
    try:
        engine = open_records(config)
    except NoRecords as error:
        console.print(str(error), style="red", markup=False)
        raise typer.Exit(2) from None
    with engine.connect() as connection:
        flaws = broken(connection, heads)
    engine.dispose()
    for flaw in flaws:
        console.print(_sentence(flaw), style="red", markup=False)
    if flaws:
        raise typer.Exit(1)
    beside = "" if offline else f", and {len(heads)} heads that the worker holds agree"
    console.print(f"The ledger is sound: every entry and link{beside}.")


def _heads(config: Config) -> dict[int, LedgerHead]:
    try:
        return asyncio.run(ledger_heads(config))
    except (KafkaError, OSError) as error:  # a timeout is an OSError too
        console.print(f"{kafka_away(config, error)} Without it: --offline", style="red", markup=False)
        raise typer.Exit(2) from None


def _sentence(flaw: Broken) -> str:
    named = f", fact {flaw.fact_id}" if flaw.fact_id else ""
    return f"partition {flaw.partition}, number {flaw.seq}{named}: {flaw.flaw}, {MEANINGS[flaw.flaw]}"
