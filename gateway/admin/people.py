"""People to be texted who gave no consent, each with a link to send them; and the way to any profile."""

from datetime import timedelta
from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery
from sqlalchemy import Connection

from gateway.admin.staff import Staff
from gateway.admin.words import STANDINGS
from records import admin_bookings, admin_people, queries
from records.admin_standing import Standing, standing_of
from rules.ids import phone_ref, stable_id
from rules.links import Invitation, sign
from rules.policy import Policy
from rules.texts import when
from schemas.bookings import BookingInput

LOOKED_AT_MAX = 200
ASKED: tuple[Standing, ...] = ("no_phone", "no_consent")
"""A sign-up mends these. What was withdrawn or stopped is not asked for again."""


@get("/people", include_in_schema=False)
async def show_people(staff: NamedDependency[Staff], find: FromQuery[str] = "") -> Response[str]:
    """Who is booked and has not consented; and everybody booked whose id holds ``find``."""
    lacking, people = await staff.ask(lambda c: (_lacking(c, staff), _people(c, staff, find.strip())))
    return staff.page("people.html", here="people", lacking=lacking, people=people, find=find)


def _people(connection: Connection, staff: Staff, find: str) -> list[str]:
    bookings = admin_bookings.latest_bookings(connection, staff.workspace_id)
    return sorted({b.person_id for b in bookings if find in b.person_id})[:LOOKED_AT_MAX]


def _lacking(connection: Connection, staff: Staff) -> list[dict[str, Any]]:
    now = staff.edge.clock()
    bookings = admin_bookings.latest_bookings(connection, staff.workspace_id)
    coming = sorted(
        (b for b in bookings if b.starts_at > now and b.status == "booked"), key=lambda b: b.starts_at
    )
    lines = []
    for booking in coming[:LOOKED_AT_MAX]:
        standing = _standing(connection, staff.edge.policy, booking)
        if standing in ASKED:
            lines.append(_line(booking, standing, staff))
    return lines


def _standing(connection: Connection, policy: Policy, booking: BookingInput) -> Standing:
    phone = queries.event_of(connection, booking.workspace_id, booking.event_id).phone
    ref = phone_ref(policy.reference_key, phone) if phone else None
    return standing_of(admin_people.known_of(connection, ref) if ref else None, booking)


def _line(booking: BookingInput, standing: Standing, staff: Staff) -> dict[str, Any]:
    return {
        "person_id": booking.person_id,
        "booking_id": booking.booking_id,
        "when": when(booking.starts_at, staff.zone),
        "why": STANDINGS[standing],
        "link": invitation_link(staff, booking),
    }


def invitation_link(staff: Staff, booking: BookingInput) -> str:
    """The sign-up page of a booking, until it starts; the same whenever it is shown."""
    policy = staff.edge.policy
    invitation = Invitation(
        invitation_id=stable_id(policy.reference_key, "invited", booking.workspace_id, booking.event_id),
        workspace_id=booking.workspace_id,
        workspace_name=booking.workspace_name,
        study_id=booking.study_id,
        event_id=booking.event_id,
        person_id=booking.person_id,
        booking_id=booking.booking_id,
        starts_at=booking.starts_at,
        zone=booking.zone,
        expires_at=booking.starts_at + timedelta(minutes=1),
    )
    return f"{policy.public_url}/join/{sign(policy.link_key, invitation, 'invitation')}"
