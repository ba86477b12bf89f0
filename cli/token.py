"""``reminders token``: a token for the API or the pages of staff. Only its hash goes into the settings."""

import secrets
from datetime import UTC, date, datetime, timedelta
from typing import Annotated

import typer
from rich.console import Console

from gateway.auth import Role, digest_of

console = Console(soft_wrap=True, highlight=False)
DAYS = 90


def token(
    workspace: Annotated[str, typer.Option(help="the workspace it is for; * is any")],
    role: Annotated[Role, typer.Option(help="what it may do")],
    name: Annotated[str, typer.Option(help="who holds it; stands beside what they change")],
    days: Annotated[int, typer.Option(min=1, max=400, help="how long it is valid")] = DAYS,
) -> None:
    """Make a token; print it once, and the entry of API_TOKENS that lets it in.

    Example: reminders token --workspace acme --role admin --name dana@acme.example
    """
    if set(name) & set(":,") or set(workspace) & set(","):
        raise typer.BadParameter("no comma or colon in name or workspace")
    made, entry = new_token(workspace, role, name, datetime.now(UTC).date() + timedelta(days=days))
    console.print(f"token             {made}", markup=False)
    console.print(f"add to API_TOKENS {entry}", markup=False)
    console.print("Hand the token over; it is not kept anywhere. Restart the gateway with the entry.")


def new_token(workspace: str, role: Role, name: str, until: date) -> tuple[str, str]:
    """A token and its entry in the settings."""
    made = secrets.token_urlsafe(24)
    return made, f"{digest_of(made)}:{workspace}:{role}:{until.isoformat()}:{name}"
