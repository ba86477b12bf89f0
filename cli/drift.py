"""``reminders drift``: do our opt-outs and the carrier's agree?"""

import sys
from datetime import UTC, datetime, timedelta

import typer
from rich.console import Console
from rich.table import Table

from cli import environment
from cli.moments import in_utc
from cli.why import NoRecords, open_records
from records.drift import Drift
from records.drift import drift as compare
from rules.drift import Difference

console = Console(width=None if sys.stdout.isatty() else 200, highlight=False)
SETTLED = timedelta(minutes=5)
"""What was tried since may still become an opt-out of ours."""
MEANS = {
    "only_carrier": "the carrier refuses, we would text",
    "only_ours": "opted out here, the carrier lets through",
}
TO_DO = {
    "only_carrier": """The carrier knows an opt-out that we do not, or never heard the START that we heard.
  See `reminders why TEXT`. If the block did not reach us: `reminders replay --topic inbound-sms --from 2d
  --dry-run`; else the participant must text START once more. Until then tell them by other means.""",
    "only_ours": """Nothing is sent: our opt-out stands. If the text that shows it began after the STOP,
  a promise broke: see `reminders why TEXT` and `reminders evidence PHONE`. Else the participant may have
  texted START while we were away: whoever wants texts must text START once more.""",
}


def drift() -> None:
    """Compare our opt-outs with what the carrier refused and let through. Exits 1 if they differ.

    The carrier's own list can't be asked for: what shows it are its refusals (code 200) and deliveries.
    What was tried in the last five minutes is left out. Example: reminders drift
    """
    try:
        engine = open_records(environment.config())
    except NoRecords as error:
        console.print(str(error), style="red", markup=False)
        raise typer.Exit(2) from None
    with engine.connect() as connection:
        found = compare(connection, datetime.now(UTC) - SETTLED)
    engine.dispose()
    _tell(found)
    raise typer.Exit(1 if found.differences else 0)


def _tell(found: Drift) -> None:
    if found.differences:
        console.print(_table(found.differences))
    for kind in {one.kind: None for one in found.differences}:
        console.print(f"{MEANS[kind]}:\n  {TO_DO[kind]}", markup=False, soft_wrap=True)
    console.print(f"{len(found.differences)} of {found.compared} phones of which both say something differ.")


def _table(differences: list[Difference]) -> Table:
    table = Table(header_style="bold")
    for heading in ("phone", "difference", "shown by text", "workspace", "tried", "our STOP", "our START"):
        table.add_column(heading, overflow="fold", no_wrap=heading in ("phone", "shown by text"))
    for one in differences:
        last, times = one.last, (one.last.tried_at, one.stop_at, one.start_at)
        names = last.phone_ref, MEANS[one.kind], last.text_id, last.workspace_id or ""
        table.add_row(*names, *(in_utc(at) if at else "" for at in times))
    return table
