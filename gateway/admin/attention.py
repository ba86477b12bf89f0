"""What a person must do: tell participants by other means, look after sends that stayed unclear."""

from datetime import datetime, timedelta
from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from sqlalchemy import Connection

from gateway.admin.replies import since_words
from gateway.admin.staff import Staff
from gateway.admin.words import why_noticed, word_of
from records import admin_attention
from rules.sentences import NAMES
from rules.texts import when

DAYS = 14
BY_OTHER_MEANS = ("tell_the_participant", "texted_cancel")


@get("/attention", include_in_schema=False)
async def show_attention(staff: NamedDependency[Staff]) -> Response[str]:
    """Notices and unresolved sends of the last days."""
    since = staff.edge.clock() - timedelta(days=DAYS)
    notices, unclear = await staff.ask(lambda c: _found(c, staff, since))
    return staff.page(
        "attention.html",
        here="attention",
        tell=[_notice(n, staff) for n in notices if n["kind"] in BY_OTHER_MEANS],
        mend=[_notice(n, staff) for n in notices if n["kind"] not in BY_OTHER_MEANS],
        unclear=[_text(row, staff) for row in unclear],
        days=DAYS,
    )


def _found(connection: Connection, staff: Staff, since: datetime) -> tuple[list[Any], list[Any]]:
    return (
        admin_attention.notices_since(connection, staff.workspace_id, since),
        admin_attention.unresolved(connection, staff.workspace_id, since),
    )


def _notice(row: Any, staff: Staff) -> dict[str, Any]:
    return {
        "what": word_of(row["kind"]),
        "reason": why_noticed(row["reason"]),
        "booking_id": row["booking_id"] or row["event_id"],
        "at": _when(row["at"], staff),
        "waits": since_words(row["at"], staff.edge.clock()),
    }


def _text(row: Any, staff: Staff) -> dict[str, Any]:
    return {
        "name": NAMES.get(row["wording"], row["wording"]),
        "booking_id": row["booking_id"] or "",
        "text_id": row["text_id"],
        "due": _when(row["due_at"], staff),
        "waits": since_words(row["due_at"], staff.edge.clock()),
    }


def _when(at: str, staff: Staff) -> str:
    return when(datetime.fromisoformat(at), staff.zone)
