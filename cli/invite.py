"""``reminders invite``: a signed link to the sign-up page. Nothing is stored: the link holds all of it."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from cli import environment
from gateway.edge import random_name
from gateway.invitations import invited
from gateway.posted import NewInvitation
from rules.refused import Refused

console = Console(soft_wrap=True, highlight=False)


def invite(  # noqa: PLR0917  the command line gives options by name
    workspace: Annotated[str, typer.Option(help="id of the workspace that invites")],
    workspace_name: Annotated[str, typer.Option(help="its name, as people read it")],
    study: Annotated[str, typer.Option(help="id of the study")],
    study_name: Annotated[str | None, typer.Option(help="shown on the page, never in a text")] = None,
    person: Annotated[str | None, typer.Option(help="who is invited; without it the page asks")] = None,
    event: Annotated[str | None, typer.Option(help="the event; without it Submit fixes one")] = None,
    starts_at: Annotated[str | None, typer.Option(help="RFC 3339 with offset")] = None,
    zone: Annotated[str | None, typer.Option(help="the participant's IANA time zone")] = None,
    return_url: Annotated[str | None, typer.Option(help="where the visitor goes afterwards")] = None,
    days: Annotated[int, typer.Option(min=1, max=400, help="how long the link is valid")] = 60,
) -> None:
    """Print a link to the sign-up page: personal with --person, else public.

    Example: reminders invite --workspace acme --workspace-name Acme --study s1 --person p1 --event b1
    """
    fields = {
        "workspace_id": workspace,
        "workspace_name": workspace_name,
        "study_id": study,
        "study_name": study_name,
        "person_id": person,
        "event_id": event,
        "starts_at": starts_at,
        "zone": zone,
        "return_url": return_url,
    }
    config = environment.config()
    try:
        wanted = msgspec.convert(fields, NewInvitation)
        now, valid = datetime.now(UTC), timedelta(days=days)
        made = invited(config.policy(), wanted, named=random_name(), now=now, valid=valid)
    except (msgspec.ValidationError, Refused) as error:
        raise typer.BadParameter(str(error)) from None
    console.print(made.url, markup=False)
