"""The API for upstream services and admin tools: what they would publish, posted. 202 means Kafka has it.

Repeats are harmless: a booking's ``revision``, a ``message_id`` and a setting's ``revision`` say what is new.
"""

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

import msgspec
from litestar import Request, Router, get, post
from litestar.di import NamedDependency, Provide
from litestar.exceptions import HTTPException
from litestar.params import FromPath

from gateway import pages, problems
from gateway.admission import admit
from gateway.api_document import ERRORS, TAKES_BOOKINGS, TAKES_CONSENT, TAKES_SETTINGS
from gateway.auth import Caller
from gateway.bodies import BODY_MAX_BYTES, check_all, read_messages
from gateway.consent_posts import check_caller, taking
from gateway.edge import Edge
from gateway.flags import AWAY
from gateway.handing import hand_over
from gateway.invitation_posts import post_invitation, post_return
from gateway.lookup import BookingView, RecordsAway, TextView
from gateway.preview import post_preview
from gateway.problems import FieldError, Refusal
from rules.intake import booking_input, check_setting
from schemas.bookings import BookingEvent, BookingInput
from schemas.consent import ConsentChange
from schemas.settings import SettingsChange

Answer = TypeVar("Answer")
NOT_TAKEN = "Kafka did not acknowledge in time; send the same again, repeats are harmless"


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """What was taken. ``warnings``: taken, but this part of it can't be used."""

    message_ids: list[str]
    warnings: list[FieldError] = []


async def caller(request: Request[Any, Any, Any], edge: NamedDependency[Edge]) -> Caller:
    """Who calls, by their token, and not too often."""
    return admit(request, edge)


@post("/booking-events", status_code=202, operation_class=TAKES_BOOKINGS, responses=ERRORS)
async def post_bookings(
    request: Request[Any, Any, Any], edge: NamedDependency[Edge], caller: NamedDependency[Caller]
) -> Accepted:
    """Take booking events, one or a list: each the full current state of a booking."""
    events = read_messages(await request.body(), BookingEvent)
    for event in events:
        caller.check("bookings", event.workspace_id)
    now = edge.clock()
    read = check_all(events, lambda event: booking_input(event, now))
    if not await hand_over(edge, events):
        raise Refusal(503, NOT_TAKEN)
    warnings = [warning for index, booking in enumerate(read) for warning in _warnings(booking, index)]
    return Accepted(message_ids=[event.message_id for event in events], warnings=warnings)


def _warnings(read: BookingInput, index: int) -> list[FieldError]:
    """What intake will leave out of a booking and report on ``notices``."""
    found = (("phone", read.phone_error), ("zone", read.zone_error))
    return [FieldError(field=name, reason=reason, index=index) for name, reason in found if reason]


@post("/consent-changes", status_code=202, operation_class=TAKES_CONSENT, responses=ERRORS)
async def post_consent(
    request: Request[Any, Any, Any], edge: NamedDependency[Edge], caller: NamedDependency[Caller]
) -> Accepted:
    """Take consent given or withdrawn, one or a list. A withdrawal takes effect before the answer."""
    changes = read_messages(await request.body(), ConsentChange)
    for change in changes:
        check_caller(caller, change)
    takings = check_all(changes, lambda change: taking(edge, change))
    if not all(await asyncio.gather(*(take() for take in takings))):
        raise Refusal(503, NOT_TAKEN)
    return Accepted(message_ids=[change.message_id for change in changes])


@post("/settings", status_code=202, operation_class=TAKES_SETTINGS, responses=ERRORS)
async def post_settings(
    request: Request[Any, Any, Any], edge: NamedDependency[Edge], caller: NamedDependency[Caller]
) -> Accepted:
    """Take settings, one or a list. A pause takes effect at once."""
    changes = read_messages(await request.body(), SettingsChange)
    for change in changes:
        caller.check("settings", change.workspace_id)
    check_all(changes, check_setting)
    await asyncio.gather(*(_pause(edge, change) for change in changes if change.name == "paused"))
    if not await hand_over(edge, changes):
        raise Refusal(503, NOT_TAKEN)
    return Accepted(message_ids=[change.message_id for change in changes])


async def _pause(edge: Edge, change: SettingsChange) -> None:
    """Tell the sender's gate at once; what Redis misses, the record brings."""
    try:
        await edge.flags.pause(change.workspace_id, paused=change.value is True, at=change.at)
    except AWAY:
        return


@get("/texts/{text_id:str}", responses=ERRORS)
async def get_text(
    text_id: FromPath[str], edge: NamedDependency[Edge], caller: NamedDependency[Caller]
) -> TextView:
    """The life of a text: what was planned, what became of it, and why."""
    text = await _asked(edge.records.text(text_id))
    if text is None or not caller.sees(text.workspace_id):
        raise Refusal(404, "no such text")
    return text


@get("/bookings/{workspace_id:str}/{booking_id:str}", responses=ERRORS)
async def get_booking(
    workspace_id: FromPath[str],
    booking_id: FromPath[str],
    edge: NamedDependency[Edge],
    caller: NamedDependency[Caller],
) -> BookingView:
    """A booking with its texts."""
    caller.check("read", workspace_id)
    booking = await _asked(edge.records.booking(workspace_id, booking_id))
    if booking is None:
        raise Refusal(404, "no such booking")
    return booking


async def _asked(question: Awaitable[Answer]) -> Answer:
    try:
        return await question
    except RecordsAway:
        raise Refusal(503, "the records do not answer; ask again") from None


routes = Router(
    "/v1",
    route_handlers=[
        post_bookings,
        post_consent,
        post_settings,
        post_preview,
        post_invitation,
        post_return,
        get_text,
        get_booking,
    ],
    dependencies={"caller": Provide(caller)},
    before_request=pages.refuse_controls,
    request_max_body_size=BODY_MAX_BYTES,
    exception_handlers={
        Refusal: problems.refused,
        HTTPException: problems.http_error,
        Exception: problems.unexpected,
    },
)
