"""``reminders evidence``: what a participant agreed to, ended and was sent, for who may ask for it."""

import getpass
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from jinja2 import Environment, FileSystemLoader
from rich.console import Console

from cli import environment
from cli.evidence_document import document
from cli.moments import moment
from cli.numbers import ref_of
from cli.why import NoRecords, open_records
from records.chain import broken
from records.evidence import Asked, Reader, gather
from records.seals import NotOpened
from rules.ledger import seal
from runtime.config import Config
from schemas.ledger import ConsentFact

console = Console(stderr=True, highlight=False)
TEMPLATES = Path(__file__).parent / "templates"


def evidence(
    phone: Annotated[str | None, typer.Argument(help="a number with + and country code, or its ref")] = None,
    *,
    workspace: Annotated[str | None, typer.Option(help="of this workspace only")] = None,
    person: Annotated[str | None, typer.Option(help="of this person; needs --workspace")] = None,
    since: Annotated[str | None, typer.Option(help="from this time on, ISO 8601")] = None,
    until: Annotated[str | None, typer.Option(help="before this time, ISO 8601")] = None,
    html: Annotated[Path | None, typer.Option(help="write a page to print here, in place of JSON")] = None,
    reason: Annotated[str, typer.Option(help="why it is opened; goes on record")] = "asked by command",
    verify: Annotated[Path | None, typer.Option(help="check a JSON document made before; no server")] = None,
) -> None:
    """Produce the evidence of a phone, a person or a workspace: consents with the exact words, ends, texts.

    Sealed evidence is opened, and each opening goes on record with your name and the reason.

    Examples: reminders evidence +13305550147 --reason "letter of 4 May" --html evidence.html
              reminders evidence --workspace acme --person p7 --since 2026-01-01
              reminders evidence --verify evidence.json
    """
    if verify is not None:
        _check(verify)
        return
    if phone is None and workspace is None:
        raise typer.BadParameter("name a phone or a --workspace")
    if person is not None and workspace is None:
        raise typer.BadParameter("--person needs --workspace: ids of persons are the workspace's")
    config = environment.config()
    asked = Asked(
        phone_ref=ref_of(config, phone) if phone else None,
        workspace_id=workspace,
        person_id=person,
        since=moment(since),
        until=moment(until),
    )
    made = _made(config, asked, Reader(actor=getpass.getuser(), reason=reason, at=datetime.now(UTC)))
    if html is None:
        print(json.dumps(made, indent=2, ensure_ascii=False))
        return
    html.write_text(_page(made), encoding="utf-8")
    console.print(f"Written: {html}. It names a person: keep it as you keep the letter it answers.")


def _made(config: Config, asked: Asked, reader: Reader) -> dict[str, Any]:
    try:
        engine = open_records(config)
        with engine.begin() as connection:
            found = gather(connection, asked, reader, config.evidence_secret.encode())
            flaws = broken(connection, {})
        engine.dispose()
    except (NoRecords, NotOpened) as error:
        console.print(str(error), style="red", markup=False)
        raise typer.Exit(2) from None
    return document(found, asked, reader, flaws, config.reference_secret.encode())


def _page(made: dict[str, Any]) -> str:
    return (
        Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
        .get_template("evidence.html")
        .render(made)
    )


def _check(path: Path) -> None:
    """Compute each entry's hash again. Exits 1 with the first that is not right."""
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))["ledger"]
        changed = [entry for entry in entries if not _as_sealed(entry)]
    except (OSError, ValueError, LookupError, TypeError) as error:
        said = f"{path} is no document of `reminders evidence` ({type(error).__name__})"
        console.print(f"{said}: give the JSON it printed.", style="red", markup=False)
        raise typer.Exit(2) from None
    for entry in changed[:1]:
        console.print(f"changed: partition {entry['partition']}, number {entry['seq']}", style="red")
        raise typer.Exit(1)
    console.print(f"{len(entries)} ledger entries: every hash is right.")


def _as_sealed(entry: dict[str, Any]) -> bool:
    fact = msgspec.convert(entry["fact"], ConsentFact)
    return bool(entry["hash"] == seal(entry["partition"], entry["seq"], entry["previous"], fact))
