"""Day-of updates by a button: first what the text will say and what it uses up, then it goes."""

from typing import cast, get_args
from urllib.parse import quote

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy import RowMapping

from gateway.admin.bookings import Case, case_of, no_booking
from gateway.admin.recorded import is_recorded
from gateway.admin.staff import Page, Posted, Staff, posted, redirect
from gateway.admin.words import STANDINGS, UPDATES
from gateway.edge import Edge
from gateway.handing import hand_over
from gateway.pages import Web, message, try_again
from records import admin_bookings
from rules.ids import asked_basis, stable_id, text_id
from rules.links import manage_link
from rules.quiet_hours import waits_for_morning
from rules.segments import segments
from rules.texts import render, when
from schemas.bookings import DayOfAsked, DayOfKind


@post("/bookings/{booking_id:str}/updates/preview", status_code=200, include_in_schema=False)
async def preview(
    request: Web, edge: NamedDependency[Edge], staff: NamedDependency[Staff], booking_id: FromPath[str]
) -> Page:
    """What the text would say. Nothing is sent."""
    form = await posted(request, edge, staff.session)
    found = await _case(staff, booking_id, form)
    return found if isinstance(found, Response) else _preview(staff, booking_id, found, _kind(form))


@post("/bookings/{booking_id:str}/updates", status_code=200, include_in_schema=False)
async def send(
    request: Web, edge: NamedDependency[Edge], staff: NamedDependency[Staff], booking_id: FromPath[str]
) -> Page:
    """Ask for the text. What became of it stands on the booking's page."""
    form = await posted(request, edge, staff.session)
    case = await _case(staff, booking_id, form)
    if isinstance(case, Response):
        return case
    booking = case.booking
    asked = DayOfAsked(
        asked_id=stable_id(edge.policy.reference_key, "asked", form.name),
        workspace_id=booking.workspace_id,
        event_id=booking.event_id,
        kind=_kind(form),
        actor=staff.name,
        at=edge.clock(),
    )
    if not await hand_over(edge, [asked]):
        return try_again("The update could not be sent just now.")
    name = _text_id(staff, case, asked)
    await is_recorded(staff, lambda c: _is_decided(admin_bookings.text_rows_of(c, name)))
    return redirect(f"{staff.home}/bookings/{quote(booking_id, safe='')}?update={name}")


def _text_id(staff: Staff, case: Case, asked: DayOfAsked) -> str:
    """The text that the worker will plan for it, if it plans one."""
    return text_id(
        staff.edge.policy.reference_key,
        workspace_id=asked.workspace_id,
        event_id=asked.event_id,
        person_id=case.booking.person_id,
        phone=case.phone or "",
        kind="day_of_update",
        basis=asked_basis(asked.asked_id),
    )


def _is_decided(rows: list[RowMapping]) -> bool:
    return any(row["state"] != "planned" for row in rows)


def _kind(form: Posted) -> DayOfKind:
    kind = form.get("kind")
    return cast(DayOfKind, kind) if kind in get_args(DayOfKind) else "interviewer_late"


async def _case(staff: Staff, booking_id: str, form: Posted) -> Case | Response[str]:
    """The case that an update may be sent for, or the page that says why none goes."""
    staff.check("day_of")
    case = await staff.ask(lambda c: case_of(c, staff.edge.policy, staff.workspace_id, booking_id))
    if case is None:
        return no_booking()
    if form.get("kind") not in UPDATES:
        return message(422, "Which update?", "Please go back and choose one of the updates.")
    reason = _refusal(case, staff)
    return case if reason is None else message(409, "No update can be sent", reason)


def _refusal(case: Case, staff: Staff) -> str | None:
    """Why no update can go, as far as the records know; the worker decides again."""
    if not case.is_open:
        return "The interview is cancelled."
    if staff.edge.clock() > case.booking.starts_at + staff.edge.policy.latest_after_start:
        return "The interview began too long ago."
    if case.standing != "ok":
        return STANDINGS[case.standing] + " Please tell the participant by other means."
    if case.updates_left(staff.edge.policy) == 0:
        return "The event has had its texts; what is left is kept for the reminder and for a change of time."
    return None


def _preview(staff: Staff, booking_id: str, case: Case, kind: DayOfKind) -> Response[str]:
    edge, booking = staff.edge, case.booking
    waits = waits_for_morning(edge.policy, edge.clock(), booking.starts_at, case.zone)
    words = render(
        kind,
        workspace_name=booking.workspace_name,
        starts_at=booking.starts_at,
        zone=case.zone,
        now=edge.clock(),
        link=manage_link(edge.policy, booking.workspace_id, booking.event_id, case.phone_ref or ""),
        contact=edge.config.support_contact,
    )
    return staff.page(
        "preview.html",
        here="bookings",
        booking_id=booking_id,
        kind=kind,
        kind_name=UPDATES[kind],
        words=words,
        segments=segments(words),
        ending=(case.phone or "")[-2:],
        starts=when(booking.starts_at, case.zone),
        left=case.left(edge.policy),
        waits_until=when(waits, case.zone) if waits else "",
    )
