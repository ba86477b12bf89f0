"""``reminders report``: how the texts of a time ended, in the terminal or on one page."""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from jinja2 import Environment, FileSystemLoader
from rich.console import Console
from rich.table import Table

from cli import environment
from cli.moments import moment
from cli.why import NoRecords, open_records
from records.report import Bar, Report, report_of
from records.standing import capacity, coming
from runtime.config import Config

console = Console(width=None if sys.stdout.isatty() else 120, highlight=False)
TEMPLATES = Path(__file__).parent / "templates"
WIDTH = 40
DAY = timedelta(days=1)


def report(
    since: Annotated[str, typer.Option(help="from this time on: 7d, 12h, or ISO 8601")] = "7d",
    until: Annotated[str | None, typer.Option(help="before this time")] = None,
    workspace: Annotated[str | None, typer.Option(help="of this workspace only")] = None,
    tests: Annotated[bool, typer.Option("--tests", help="with texts of test bookings")] = False,
    html: Annotated[Path | None, typer.Option(help="write one page here, which needs nothing else")] = None,
) -> None:
    """Say how the texts that were due in a time ended, how late, and why some did not go.

    Planned is the sum of the ends and of what is still open; the report says so, or that it is not.

    Examples: reminders report --since 7d
              reminders report --since 2026-05-01 --until 2026-06-01 --workspace acme --html may.html
    """
    config = environment.config()
    start = moment(since) or datetime.now(UTC) - 7 * DAY
    try:
        engine = open_records(config)
    except NoRecords as error:
        console.print(str(error), style="red", markup=False)
        raise typer.Exit(2) from None
    with engine.connect() as connection:
        found = report_of(connection, start, moment(until), workspace, tests=tests)
    engine.dispose()
    if html is None:
        _show(found)
    else:
        html.write_text(_page(found), encoding="utf-8")
        console.print(f"Written: {html}")


def forecast(
    ahead_h: Annotated[int, typer.Option(min=1, help="how many hours to look ahead")] = 24,
) -> None:
    """Show the segments planned for each coming quarter hour, against what the number can carry.

    Exits 1 if a quarter hour is fuller than the number can carry: spread the bookings, or add a number.

    Example: reminders forecast --ahead-h 48
    """
    config = environment.config()
    now = datetime.now(UTC)
    try:
        engine = open_records(config)
    except NoRecords as error:
        console.print(str(error), style="red", markup=False)
        raise typer.Exit(2) from None
    with engine.connect() as connection:
        found = coming(connection, now, timedelta(hours=ahead_h))
    engine.dispose()
    if _show_forecast(config, found):
        raise typer.Exit(1)


def _show_forecast(config: Config, found: dict[datetime, int]) -> bool:
    """Whether a quarter hour is too full."""
    room = capacity(config.number_rate_per_s, config.account_rate_per_s)
    for at, count in found.items():
        full = "  TOO FULL" if count > room else ""
        bar = "█" * min(WIDTH, round(WIDTH * count / room))
        console.print(f"{at:%a %H:%M} UTC {count:6} of {room:.0f} segments {bar}{full}", markup=False)
    if not found:
        console.print("No text is planned for that time.")
    return any(count > room for count in found.values())


def _show(found: Report) -> None:
    console.print(f"Texts due from {found.since} {f'to {found.until}' if found.until else 'on'} (UTC)")
    console.print(_sum(found), markup=False)
    for heading, bars in found.plots:
        console.print(_plot(heading, bars))


def _sum(found: Report) -> str:
    agrees = "which is all of them" if found.planned == found.ended + found.open else "WHICH DOES NOT ADD UP"
    return f"{found.planned} planned = {found.ended} ended + {found.open} still open, {agrees}."


def _plot(heading: str, bars: list[Bar]) -> Table:
    table = Table(title=heading, title_justify="left", show_header=False, box=None, padding=(0, 1))
    most = max((bar.value for bar in bars), default=0)
    for bar in bars:
        length = round(WIDTH * bar.value / most) if most else 0
        table.add_row(bar.name, f"{bar.value:g}", "█" * length)
    return table


def _page(found: Report) -> str:
    pages = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
    return pages.get_template("report.html").render(report=found, sum=_sum(found))
