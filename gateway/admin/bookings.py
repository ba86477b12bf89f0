"""Bookings of a workspace, and one with its texts, its replies and the buttons for day-of updates."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy import Connection

from gateway.admin.staff import Page, Staff
from gateway.admin.words import STANDINGS, told, word_of
from gateway.pages import message
from records import admin_attention, admin_bookings, admin_people, queries
from records.admin_standing import Standing, kept_for_others, standing_of, used
from rules.ids import phone_ref
from rules.keywords import classify
from rules.policy import Policy
from rules.sentences import NAMES
from rules.texts import when
from rules.zones import zone_for
from schemas.bookings import BookingInput
from schemas.sms import InboundSms

SHOWN_MAX = 200


@dataclass(frozen=True, kw_only=True)
class Case:
    """A booking as it stands, with all that its page shows."""

    booking: BookingInput
    phone: str | None
    phone_ref: str | None
    zone: str
    standing: Standing
    rows: list[Any]
    words: dict[tuple[str, int], str]
    replies: list[InboundSms]
    notices: list[Any]

    @property
    def is_open(self) -> bool:
        """Whether the interview stands."""
        return self.booking.status == "booked"

    def left(self, policy: Policy) -> int:
        """How many of its six are left."""
        return max(policy.cap - used(self.rows), 0)

    def updates_left(self, policy: Policy) -> int:
        """How many day-of updates may still go."""
        return max(self.left(policy) - kept_for_others(self.rows), 0)


def case_of(connection: Connection, policy: Policy, workspace_id: str, booking_id: str) -> Case | None:
    """The case of a booking; None if the workspace has no such."""
    received = queries.bookings_of(connection, booking_id, workspace_id)
    if not received:
        return None
    event_id = received[-1].event_id
    event = queries.event_of(connection, workspace_id, event_id)
    booking = event.booking or received[-1]
    ref = phone_ref(policy.reference_key, event.phone) if event.phone else None
    known = admin_people.known_of(connection, ref) if ref else None
    rows: list[Any] = list(admin_bookings.text_rows(connection, workspace_id, event_id))
    since = min(one.received_at for one in received)
    return Case(
        booking=booking,
        phone=event.phone,
        phone_ref=ref,
        zone=zone_for(policy, booking.zone, event.phone, None, None),
        standing=standing_of(known, booking),
        rows=rows,
        words=admin_bookings.words_of(connection, {row["text_id"] for row in rows}),
        replies=admin_attention.replies_from(connection, ref, since) if ref else [],
        notices=list(queries.notices_of(connection, workspace_id, event_id)),
    )


@get("/bookings", include_in_schema=False)
async def show_bookings(staff: NamedDependency[Staff], find: FromQuery[str] = "") -> Response[str]:
    """The bookings to come and the latest past ones; ``find`` is part of a booking's or person's id."""
    found = await staff.ask(lambda c: admin_bookings.latest_bookings(c, staff.workspace_id))
    wanted = [b for b in found if find.strip() in b.booking_id or find.strip() in b.person_id]
    now = staff.edge.clock()
    coming = sorted((b for b in wanted if b.starts_at >= now), key=lambda b: b.starts_at)
    past = sorted((b for b in wanted if b.starts_at < now), key=lambda b: b.starts_at, reverse=True)
    return staff.page(
        "bookings.html",
        here="bookings",
        find=find,
        groups=[("To come", _lines(coming, staff)), ("Past", _lines(past, staff))],
    )


def _lines(bookings: list[BookingInput], staff: Staff) -> list[dict[str, str]]:
    return [
        {
            "booking_id": b.booking_id,
            "person_id": b.person_id,
            "study_id": b.study_id,
            "status": b.status,
            "when": when(b.starts_at, staff.zone),
        }
        for b in bookings[:SHOWN_MAX]
    ]


@get("/bookings/{booking_id:str}", include_in_schema=False)
async def show_booking(
    staff: NamedDependency[Staff], booking_id: FromPath[str], update: FromQuery[str] = ""
) -> Page:
    """One booking; ``update`` is the text of a day-of update just asked for, whose fate stands on top."""
    case = await staff.ask(lambda c: case_of(c, staff.edge.policy, staff.workspace_id, booking_id))
    if case is None:
        return no_booking()
    return staff.page(
        "booking.html",
        here="bookings",
        case=case,
        booking_id=booking_id,
        starts=when(case.booking.starts_at, case.zone),
        standing=STANDINGS[case.standing],
        texts=[_text(row, case) for row in reversed(case.rows)],
        replies=[reply_line(sms, case.zone) for sms in reversed(case.replies)],
        notices=[{"at": _when(n["at"], case.zone), "kind": word_of(n["kind"])} for n in case.notices],
        left=case.left(staff.edge.policy),
        updates_left=case.updates_left(staff.edge.policy),
        kept=kept_for_others(case.rows),
        may_update=staff.may("day_of") and case.is_open and not _is_over(case, staff),
        asked=update,
        became=next((_text(row, case) for row in reversed(case.rows) if row["text_id"] == update), None),
    )


def no_booking() -> Response[str]:
    """The workspace has no such booking."""
    return message(404, "No such booking", "It may be new: the records follow after a second or two.")


def _is_over(case: Case, staff: Staff) -> bool:
    return staff.edge.clock() > case.booking.starts_at + staff.edge.policy.latest_after_start


def _text(row: Any, case: Case) -> dict[str, Any]:
    return {
        "name": NAMES.get(row["wording"], row["wording"]),
        "state": row["state"],
        "told": told(row),
        "due": _when(row["due_at"], case.zone),
        "ended": _when(row["ended_at"], case.zone) if row["ended_at"] else "",
        "words": case.words.get((row["text_id"], row["plan_version"]), ""),
        "text_id": row["text_id"],
    }


def reply_line(sms: InboundSms, zone: str) -> dict[str, str]:
    """A reply with what it was taken for."""
    kind = classify(sms.text, sms.intent).kind
    return {"text": sms.text, "at": when(sms.received_at, zone), "taken": word_of(kind), "kind": kind}


def _when(at: str, zone: str) -> str:
    return when(datetime.fromisoformat(at), zone)
