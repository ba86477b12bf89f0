"""Phones on the command line: a number, or the reference that logs and the ledger name it by."""

import re

import typer

from rules.ids import phone_ref
from rules.phones import parse_phone
from runtime.config import Config

REF = re.compile(r"[0-9a-f]{32}")


def number_of(phone: str) -> str | None:
    """The E.164 number; None if the phone was given by its reference."""
    return None if REF.fullmatch(phone) else parse_phone(phone, "US")


def ref_of(config: Config, phone: str) -> str:
    """The reference of a phone; a bad number ends the command with what is wrong."""
    if REF.fullmatch(phone):
        return phone
    number = parse_phone(phone, "US")
    if not number.startswith("+"):
        raise typer.BadParameter(f"not a phone number: {number}. Give it with + and country code")
    return phone_ref(config.reference_secret.encode(), number)
