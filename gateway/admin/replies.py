"""Replies for people to read, and phones held after an unclear one, each with its clock."""

from datetime import datetime, timedelta
from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from sqlalchemy import Connection

from gateway.admin.bookings import reply_line
from gateway.admin.staff import Staff
from records import admin_attention, admin_people
from rules.consent import is_held, is_stopped
from rules.texts import when
from schemas.sms import InboundSms

DAYS = 14
TO_READ = ("other", "held")
"""What a machine could not settle; STOP, START and HELP are answered."""


@get("/replies", include_in_schema=False)
async def show_replies(staff: NamedDependency[Staff]) -> Response[str]:
    """The replies of the last days, to what this workspace texted last."""
    since = staff.edge.clock() - timedelta(days=DAYS)
    lines = await staff.ask(
        lambda c: [_line(c, staff, sms) for sms in admin_attention.replies_to(c, staff.workspace_id, since)]
    )
    held = [line for line in lines if line["held"]]
    to_read = [line for line in lines if line["kind"] in TO_READ and not line["held"]]
    others = [line for line in lines if line["kind"] not in TO_READ]
    return staff.page("replies.html", here="replies", held=held, to_read=to_read, others=others, days=DAYS)


def _line(connection: Connection, staff: Staff, sms: InboundSms) -> dict[str, Any]:
    last = admin_attention.last_event_of(connection, staff.workspace_id, sms.phone_ref)
    line: dict[str, Any] = dict(reply_line(sms, staff.zone))
    stops = admin_people.known_of(connection, sms.phone_ref).stops
    held = is_held(stops) and not is_stopped(stops) and stops.hold_at == sms.received_at
    waits = clock_of(staff.edge.clock() - sms.received_at)
    over = sms.received_at + staff.edge.policy.hold
    return {
        **line,
        "booking_id": last["booking_id"] if last is not None else "",
        "ending": sms.phone[-2:],
        "held": held,
        "waits": waits,
        "over_at": when(over, staff.zone),
        "over_in": clock_of(over - staff.edge.clock()),
    }


def clock_of(span: timedelta) -> str:
    """``2 d 3 h``, ``3 h 5 min``, ``5 min``; ``0 min`` for what is over."""
    minutes = max(int(span.total_seconds() // 60), 0)
    days, hours = minutes // 1440, minutes // 60 % 24
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"


def since_words(at: str, now: datetime) -> str:
    """How long ago an instant of the records was."""
    return clock_of(now - datetime.fromisoformat(at))
