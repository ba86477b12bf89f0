"""What bookings would cause, before they are sent: the real agents over what is recorded. Writes nothing."""

import asyncio
from datetime import datetime
from typing import Any

import msgspec
from litestar import Request, post
from litestar.di import NamedDependency
from sqlalchemy import Connection

from agents.foresight import Foreseen, Foresight
from gateway.api_document import ERRORS, TAKES_BOOKINGS
from gateway.auth import Caller
from gateway.bodies import check_all, read_messages
from gateway.edge import Edge
from gateway.lookup import RecordsAway
from gateway.problems import Refusal
from records import admin_people, queries
from rules.intake import booking_input
from rules.sentences import not_sent, too_late
from schemas.base import Message
from schemas.bookings import BookingEvent, BookingInput
from schemas.sign_ups import PhoneGiven

PREVIEW_MAX = 50
"""Bookings in one preview: each is thought through to its end."""
History = list[tuple[datetime, Message]]


class TextPreview(msgspec.Struct, frozen=True, kw_only=True):
    """A text that would be planned. ``goes_at`` is null, and ``reason`` says why, if it would not go."""

    workspace_id: str | None
    booking_id: str | None
    event_id: str | None
    kind: str
    wording: str
    due_at: datetime
    goes_at: datetime | None
    not_after: datetime | None
    reason: str | None
    explanation: str | None
    """The reason as a sentence."""
    words: str
    segments: int


class NoticePreview(msgspec.Struct, frozen=True, kw_only=True):
    """A notice that would be published."""

    kind: str
    booking_id: str | None
    reason: str


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What would happen if these bookings came now, SMS were on, everybody consented, nobody replied."""

    texts: list[TextPreview]
    notices: list[NoticePreview]
    texts_left: dict[str, int]
    """Of six, by ``workspace/event``, when all is over."""


@post("/preview", status_code=200, operation_class=TAKES_BOOKINGS, responses=ERRORS)
async def post_preview(
    request: Request[Any, Any, Any], edge: NamedDependency[Edge], caller: NamedDependency[Caller]
) -> Preview:
    """Tell each text that bookings, one or a list of up to 50, would cause: when, what it says, or why not.

    What is on record of the same events counts; texts that went before are among the answer.
    """
    events = read_messages(await request.body(), BookingEvent)
    if len(events) > PREVIEW_MAX:
        raise Refusal(422, f"a preview takes up to {PREVIEW_MAX} bookings")
    for event in events:
        caller.check("bookings", event.workspace_id)
    now = edge.clock()
    bookings = check_all(events, lambda event: booking_input(event, now))
    try:
        history = await edge.records.ask(lambda c: _history(c, bookings, now))
    except RecordsAway:
        raise Refusal(503, "the records do not answer; ask again") from None
    return await asyncio.to_thread(_preview, edge, history, bookings, now)


def _history(connection: Connection, bookings: list[BookingInput], now: datetime) -> History:
    """What was received of the same events before, in the order of its receipt."""
    known: History = []
    for workspace_id, event_id in {(b.workspace_id, b.event_id) for b in bookings}:
        known += [
            (b.received_at, b)
            for b in queries.bookings_of(connection, event_id, workspace_id)
            if b.received_at <= now
        ]
        sign_up = admin_people.sign_up_of(connection, workspace_id, event_id)
        if sign_up is not None and sign_up.at <= now:
            given = PhoneGiven(
                sign_up_id=sign_up.sign_up_id,
                workspace_id=workspace_id,
                event_id=event_id,
                phone=sign_up.phone,
                at=sign_up.at,
            )
            known.append((sign_up.at, given))
    return sorted(known, key=lambda one: one[0])


def _preview(edge: Edge, history: History, bookings: list[BookingInput], now: datetime) -> Preview:
    foresight = Foresight(edge.policy)
    for at, record in history:
        foresight.take(record, at)
    for booking in bookings:
        foresight.take(booking, now)
    foresight.run_to(None)
    events = {(b.workspace_id, b.event_id) for b in bookings}
    return Preview(
        texts=[_text(text) for text in foresight.texts],
        notices=[
            NoticePreview(kind=n.kind, booking_id=n.booking_id, reason=n.reason) for n in foresight.notices
        ],
        texts_left={f"{w}/{e}": foresight.places_left(w, e) for w, e in sorted(events)},
    )


def _text(text: Foreseen) -> TextPreview:
    planned, explanation = text.planned, None
    if text.goes_at is None and text.reason is not None:
        explanation = too_late(text.waited_for) if text.reason == "expired" else not_sent(text.reason)
    return TextPreview(
        workspace_id=planned.workspace_id,
        booking_id=planned.booking_id,
        event_id=planned.event_id,
        kind=planned.kind,
        wording=text.wording,
        due_at=planned.due_at,
        goes_at=text.goes_at,
        not_after=text.not_after,
        reason=text.reason,
        explanation=explanation,
        words=text.body,
        segments=text.segments,
    )
