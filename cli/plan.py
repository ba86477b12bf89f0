"""``reminders plan``: what texts a file of bookings would cause. Asks no server, writes nothing."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from agents.foresight import Foreseen, Foresight
from cli import environment
from cli.plan_file import Read, read
from rules.policy import Policy
from rules.refused import Refused
from rules.sentences import NAMES, NOTICES, not_sent, too_late
from rules.texts import when
from schemas.consent import ConsentChange

errors = Console(stderr=True, highlight=False, soft_wrap=True)


def plan(
    file: Annotated[
        Path, typer.Argument(help="booking events, a JSON object a line", exists=True, dir_okay=False)
    ],
    at: Annotated[
        datetime | None, typer.Option(help="when they are received, in UTC; now if not given")
    ] = None,
    consent: Annotated[
        bool | None,
        typer.Option(help="does everybody consent when booked? If not said: unless the file has consents"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="a JSON object a text, for programs")] = False,
) -> None:
    """Tell each text that a file of bookings would cause: due time, words, segments, or why none goes.

    A line is a booking event, a consent change or a setting, as upstream publishes them (contract/samples),
    all received at once; or {"at_s": 60, "record": {...}}, received so many seconds later, in which a time
    may be written "+3600s". Texting counts as switched on where the file does not say otherwise; nobody
    answers; the carrier takes every text.

    Example: reminders plan examples/bookings.jsonl
    """
    policy = environment.config().policy()
    start = (at or datetime.now(UTC)).replace(tzinfo=UTC)
    records, problems = _read(file, start)
    if consent is None:
        consent = not any(isinstance(record, ConsentChange) for _, _, record in records)
    foresight = Foresight(policy, consenting=consent)
    problems += _taken(foresight, records)
    if as_json:
        for text in foresight.texts:
            typer.echo(json.dumps(plain(text)))
    else:
        show(Console(highlight=False), foresight, policy, consenting=consent)
    for problem in problems:
        errors.print(problem, style="red", markup=False)
    raise typer.Exit(1 if problems else 0)


def _read(file: Path, start: datetime) -> tuple[list[Read], list[str]]:
    try:
        return read(file.read_text("utf-8"), start)
    except UnicodeDecodeError as error:
        errors.print(f"{file} is not UTF-8: byte {error.start}", style="red", markup=False)
        raise typer.Exit(1) from None


def _taken(foresight: Foresight, records: list[Read]) -> list[str]:
    """Take the records up, and all that follows; what is wrong with those that were refused."""
    problems = []
    for line, received_at, record in records:
        try:
            foresight.take(record, received_at)
        except Refused as refused:
            problems.append(f"line {line}: {refused}")
    foresight.run_to(None)
    return problems


def plain(text: Foreseen) -> dict[str, Any]:
    """A foreseen text as JSON has it; ``phone`` as its reference."""
    planned = text.planned
    return {
        "workspace_id": planned.workspace_id,
        "event_id": planned.event_id,
        "booking_id": planned.booking_id,
        "text_id": planned.text_id,
        "plan_version": planned.plan_version,
        "kind": planned.kind,
        "wording": text.wording,
        "phone_ref": planned.phone_ref,
        "due_at": planned.due_at.isoformat(),
        "goes_at": text.goes_at and text.goes_at.isoformat(),
        "not_after": text.not_after and text.not_after.isoformat(),
        "reason": text.reason,
        "waited_for": text.waited_for,
        "segments": text.segments,
        "body": text.body,
    }


def show(out: Console, foresight: Foresight, policy: Policy, *, consenting: bool) -> None:
    """A table of each event's texts, the notices, and what was taken for granted."""
    events: dict[tuple[str, str], list[Foreseen]] = {}
    for text in foresight.texts:
        name = text.planned.workspace_id or "", text.planned.event_id or ""
        events.setdefault(name, []).append(text)
    for (workspace, event), texts in events.items():
        out.print(_table(f"{event} in {workspace}", texts))
        out.print(f"  {foresight.places_left(workspace, event)} of {policy.cap} texts left\n")
    for notice in foresight.notices:
        out.print(escape(f"notice {notice.kind}, booking {notice.booking_id}: {NOTICES[notice.kind]}"))
    if not events:
        out.print("No text would go.")
    granted = "everybody consents when booked" if consenting else "only the file's consents count"
    out.print(
        f"Taken for granted: texting is on unless the file says otherwise; {granted}; nobody answers.",
        soft_wrap=True,
    )


def _table(title: str, texts: list[Foreseen]) -> Table:
    table = Table(title=escape(title), title_justify="left", expand=True)
    for column, ratio in (("due", 3), ("text", 3), ("what becomes of it", 4), ("parts", 1), ("words", 9)):
        table.add_column(column, ratio=ratio)
    for text in texts:
        due = when(text.planned.due_at, text.zone)
        table.add_row(due, NAMES[text.wording], _fate(text), str(text.segments), escape(text.body))
    return table


def _fate(text: Foreseen) -> str:
    if text.goes_at is not None:
        late = text.goes_at - text.planned.due_at > timedelta(seconds=1)
        return f"[green]goes {when(text.goes_at, text.zone)}" if late else "[green]goes when due"
    reason = too_late(text.waited_for) if text.reason == "expired" else not_sent(text.reason)
    return f"[yellow]not sent: {escape(reason)}"
