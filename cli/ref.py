"""``reminders ref``: the reference of a phone, by which keys, logs and the ledger name it."""

from typing import Annotated

import typer
from rich.console import Console

from cli import environment
from rules.ids import phone_ref
from rules.phones import parse_phone

console = Console()


def ref(
    phone: Annotated[
        str, typer.Argument(help="a number, with + and country code, or as typed with --region")
    ],
    region: Annotated[str, typer.Option(help="ISO 3166 region of a number without +")] = "US",
) -> None:
    """Print the reference of a phone number. The number itself is written nowhere.

    Example: reminders ref +13305550147
    """
    config = environment.config()
    number = parse_phone(phone, region)
    if not number.startswith("+"):
        said = f"not a phone number: {number}. Give it with + and country code."
        console.print(said, style="red", markup=False)
        raise typer.Exit(1)
    console.print(phone_ref(config.reference_secret.encode(), number), markup=False)
