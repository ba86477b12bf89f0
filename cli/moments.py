"""Times on the command line."""

import re
from datetime import UTC, datetime, timedelta

import typer

AGO = re.compile(r"(\d+)(m|h|d)")
UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def moment(given: str | None) -> datetime | None:
    """ISO 8601 (UTC where no offset is given), or an age like ``7d``, ``12h``, ``30m``; None stays None."""
    if given is None:
        return None
    ago = AGO.fullmatch(given)
    try:
        if ago is not None:
            return datetime.now(UTC) - timedelta(**{UNITS[ago[2]]: int(ago[1])})
        at = datetime.fromisoformat(given)
    except (ValueError, OverflowError):
        raise typer.BadParameter(f"{given!r} is no time: 2026-05-04T14:00, or 7d for a week ago") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def in_utc(at: datetime) -> str:
    """A time for a table."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
