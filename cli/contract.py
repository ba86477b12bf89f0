"""``reminders contract``: write the published contract anew, from the message classes."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from cli import fields_page, reasons_page
from runtime.config import example
from schemas.contract import documents

FOLDER = Path("contract")
console = Console()


def contract(
    into: Annotated[Path, typer.Option(help="folder to write to")] = FOLDER,
    check: Annotated[bool, typer.Option("--check", help="write nothing, say which files differ")] = False,
) -> None:
    """Generate JSON Schema, AsyncAPI and samples of every topic; .env.example and pages of docs/ beside.

    Example: reminders contract --check
    """
    wanted = files(into)
    stale = [path for path in into.rglob("*") if path.is_file() and path not in wanted]
    differing = [
        path for path, text in wanted.items() if not path.exists() or path.read_text("utf-8") != text
    ]
    for path in sorted(stale + differing):
        console.print(str(path), style="red" if check else "green")
    if check:
        raise typer.Exit(1 if stale or differing else 0)
    for path in stale:
        path.unlink()
    for path in differing:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted[path], "utf-8")
    console.print(f"{len(wanted)} files, {len(differing)} written, {len(stale)} removed")


def _read(path: Path) -> str | None:
    return path.read_text("utf-8") if path.exists() else None


def files(folder: Path) -> dict[Path, str]:
    """The text of every generated file, by where it belongs if the contract lies in ``folder``."""
    texts = {folder / path: _text(path, document) for path, document in documents().items()}
    beside = folder.parent
    docs = beside / "docs"
    pages = {docs / "reasons.md": reasons_page.page(), docs / "delivery-events.md": fields_page.page()}
    return {**texts, beside / ".env.example": example() + "\n", **pages}


def _text(path: str, document: Any) -> str:
    if not path.endswith(".yaml"):
        return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    import yaml  # noqa: PLC0415  a development tool: deployments never write the contract

    return str(yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=110))
