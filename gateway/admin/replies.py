"""Replies for people to read, and phones held after an unclear one, each with its clock."""

from datetime import datetime, timedelta
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy import Connection, RowMapping

from gateway.admin.bookings import reply_line
from gateway.admin.recorded import is_recorded
from gateway.admin.staff import Page, Staff, back_to, posted
from gateway.edge import Edge
from gateway.handing import hand_over
from gateway.pages import Web, message, try_again
from records import admin_attention, admin_people
from rules.consent import is_held, is_stopped
from rules.texts import when
from schemas.sms import InboundSms, ReplyHandled

DAYS = 14
TO_READ = ("other", "held")
"""What a machine could not settle; STOP, START and HELP are answered."""


@get("/replies", include_in_schema=False)
async def show_replies(staff: NamedDependency[Staff], done: FromQuery[str] = "") -> Response[str]:
    """The replies of the last days, to what this workspace texted last."""
    lines = await staff.ask(lambda c: _lines(c, staff))
    held = [line for line in lines if line["held"]]
    to_read = [line for line in lines if is_to_read(line)]
    handled = [line for line in lines if line["handled"] and not line["held"]]
    others = [line for line in lines if line["kind"] not in TO_READ]
    return staff.page(
        "replies.html",
        here="replies",
        held=held,
        to_read=to_read,
        handled=handled,
        others=others,
        days=DAYS,
        may_handle=staff.may("replies"),
        done=done,
    )


@post("/replies/{inbound_uuid:str}/handled", status_code=200, include_in_schema=False)
async def post_handled(
    request: Web, edge: NamedDependency[Edge], staff: NamedDependency[Staff], inbound_uuid: FromPath[str]
) -> Page:
    """Somebody has read the reply and done what it asks for."""
    await posted(request, edge, staff.session)
    staff.check("replies")
    lines = await staff.ask(lambda c: _lines(c, staff))
    line = next((line for line in lines if line["inbound_uuid"] == inbound_uuid), None)
    if line is None:
        return message(404, "No such reply", "It may be older than the page shows.")
    handled = ReplyHandled(
        inbound_uuid=inbound_uuid,
        phone_ref=line["phone_ref"],
        workspace_id=staff.workspace_id,
        actor=staff.name,
        at=edge.clock(),
    )
    if not await hand_over(edge, [handled]):
        return try_again("The reply could not be marked just now.")
    seen = await is_recorded(
        staff, lambda c: bool(admin_attention.handled_of(c, staff.workspace_id, {inbound_uuid}))
    )
    return back_to(staff, "/replies", "handled" if seen else "pending")


def is_to_read(line: dict[str, Any]) -> bool:
    """Whether a reply waits for a person: no machine has settled it, nobody has seen to it."""
    return line["kind"] in TO_READ and not line["held"] and not line["handled"]


def count_to_read(connection: Connection, staff: Staff) -> int:
    """How many replies wait for a person."""
    return sum(map(is_to_read, _lines(connection, staff)))


def _lines(connection: Connection, staff: Staff) -> list[dict[str, Any]]:
    since = staff.edge.clock() - timedelta(days=DAYS)
    found = admin_attention.replies_to(connection, staff.workspace_id, since)
    handled = admin_attention.handled_of(connection, staff.workspace_id, {sms.inbound_uuid for sms in found})
    return [_line(connection, staff, sms, handled.get(sms.inbound_uuid)) for sms in found]


def _line(
    connection: Connection, staff: Staff, sms: InboundSms, handled: RowMapping | None
) -> dict[str, Any]:
    last = admin_attention.last_event_of(connection, staff.workspace_id, sms.phone_ref)
    line: dict[str, Any] = dict(reply_line(sms, staff.zone))
    stops = admin_people.known_of(connection, sms.phone_ref).stops
    held = is_held(stops) and not is_stopped(stops) and stops.hold_at == sms.received_at
    waits = clock_of(staff.edge.clock() - sms.received_at)
    over = sms.received_at + staff.edge.policy.hold
    return {
        **line,
        "inbound_uuid": sms.inbound_uuid,
        "phone_ref": sms.phone_ref,
        "handled": handled
        and {
            "by": handled["actor"],
            "at": when(datetime.fromisoformat(handled["at"]), staff.zone),
        },
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
