"""``reminders consent``: was there consent to text a phone, at a time?"""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console

from cli import environment
from cli.moments import moment
from cli.numbers import ref_of
from cli.telling import Clock, consent_sentence
from cli.why import NoRecords, open_records
from records.standing_consent import Standing, standing_at

console = Console(soft_wrap=True, highlight=False)


def consent(
    phone: Annotated[str, typer.Argument(help="a number with + and country code, or its reference")],
    workspace: Annotated[str, typer.Option(help="the workspace that would text")],
    at: Annotated[str | None, typer.Option(help="ISO 8601, or an age like 7d; now if absent")] = None,
) -> None:
    """Say whether a phone could be texted by a workspace at a time, and by which consents. Exits 1 if not.

    Example: reminders consent +13305550147 --workspace acme --at 2026-05-04T14:00
    """
    config = environment.config()
    when = moment(at) or datetime.now(UTC)
    try:
        engine = open_records(config)
    except NoRecords as error:
        console.print(str(error), style="red", markup=False)
        raise typer.Exit(2) from None
    with engine.connect() as connection:
        standing = standing_at(connection, ref_of(config, phone), workspace, when)
    engine.dispose()
    clock = Clock("UTC")
    for given in standing.live:
        console.print(consent_sentence(given, clock), markup=False)
    console.print(_verdict(standing, clock.say(when)), markup=False)
    if standing.silent or not standing.live:
        raise typer.Exit(1)


def _verdict(standing: Standing, when: str) -> str:
    if standing.silent:
        return f"At {when} the phone was silent for everyone: {standing.silent}."
    count = len(standing.live)
    return f"At {when}: {'no consent was live' if not count else f'{count} live, so it could be texted'}."
