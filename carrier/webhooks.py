"""Plivo's two webhooks, from form fields to values. Unknown fields and statuses are let through.

Inbound  MessageUUID=…&From=12025550123&To=13306619491&Type=sms&Text=STOP&MessageIntent=optout&Units=1&…
         (an MMS has Body and Media0… instead of Text)
Status   MessageUUID=…&From=13306619491&To=12025550123&Status=delivered&ErrorCode=000&Units=1&Sequence=3&…
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from schemas.sms import Intent

INTENTS: dict[str, Intent] = {"optout": "optout", "optin": "optin", "help": "help"}
DIGITS = re.compile(r"\+?[1-9][0-9]{6,14}")


@dataclass(frozen=True, kw_only=True)
class InboundForm:
    """A reply. ``sender`` is E.164, or None if it is no number (a short code, a name)."""

    inbound_uuid: str
    sender: str | None
    to: str | None
    text: str
    intent: Intent


@dataclass(frozen=True, kw_only=True)
class StatusForm:
    """A delivery report."""

    carrier_uuid: str
    status: str
    sequence: int | None
    error_code: str
    units: int | None


def read_inbound(form: Mapping[str, str]) -> InboundForm:
    """The reply in a form. Raises ``KeyError`` if it has no MessageUUID."""
    return InboundForm(
        inbound_uuid=form["MessageUUID"],
        sender=e164(form.get("From", "")),
        to=e164(form.get("To", "")),
        text=form.get("Text") or form.get("Body") or "",
        intent=INTENTS.get(form.get("MessageIntent", "").lower(), ""),
    )


def read_status(form: Mapping[str, str]) -> StatusForm:
    """The report in a form. Raises ``KeyError`` if it has no MessageUUID or Status."""
    error = form.get("ErrorCode", "")
    return StatusForm(
        carrier_uuid=form["MessageUUID"],
        status=form["Status"].lower(),
        sequence=_int(form.get("Sequence", "")),
        error_code="" if error == "000" else error,
        units=_int(form.get("Units", "")),
    )


def e164(raw: str) -> str | None:
    """A number as the carrier spells it (with a plus, without, or with the blank a raw plus decodes to)."""
    bare = raw.strip()
    return "+" + bare.lstrip("+") if DIGITS.fullmatch(bare) else None


def _int(raw: str) -> int | None:
    return int(raw) if raw.isascii() and raw.isdigit() else None
