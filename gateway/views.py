"""Rows of the records as the edge shows them: no number, no words of a text, unless a page needs them."""

from sqlalchemy import Connection, RowMapping

from gateway.lookup import BookingView, ManagedEvent, NoticeView, StepView, TextState, TextView
from records import queries


def managed_event(connection: Connection, token: str) -> ManagedEvent | None:
    """What a manage link stands for; None if no text carried it."""
    found = queries.event_of_token(connection, token)
    if found is None:
        return None
    booking = found.booking
    return ManagedEvent(
        workspace_id=booking.workspace_id,
        workspace_name=booking.workspace_name,
        event_id=booking.event_id,
        person_id=booking.person_id,
        phone=found.phone,
        phone_ref=found.phone_ref,
        is_current=found.phone == found.current_phone,
        status=booking.status,
        starts_at=booking.starts_at,
        zone=booking.zone,
        place=booking.place,
        join_url=booking.join_url,
        manage_url=booking.manage_url,
    )


def text_view(connection: Connection, text_id: str) -> TextView | None:
    """A text in its versions, each with what happened to it."""
    rows = queries.text(connection, text_id)
    if not rows:
        return None
    steps = [
        StepView(plan_version=row["plan_version"], at=step["at"], what=step["what"])
        for row in rows
        for step in queries.life_of(connection, text_id, row["plan_version"])
    ]
    return TextView(
        workspace_id=rows[-1]["workspace_id"], versions=[_state(row) for row in rows], steps=steps
    )


def _state(row: RowMapping) -> TextState:
    return TextState(**{name: row[name] for name in TextState.__struct_fields__})


def booking_view(connection: Connection, workspace_id: str, booking_id: str) -> BookingView | None:
    """A booking as last received, its event's texts, and what was told to upstream about it."""
    received = [
        booking
        for booking in queries.bookings_of(connection, booking_id, workspace_id)
        if booking.booking_id == booking_id
    ]
    if not received:
        return None
    last = max(received, key=lambda booking: booking.revision)
    notices = queries.notices_of(connection, workspace_id, last.event_id)
    return BookingView(
        workspace_id=workspace_id,
        study_id=last.study_id,
        booking_id=booking_id,
        event_id=last.event_id,
        person_id=last.person_id,
        revision=last.revision,
        status=last.status,
        starts_at=last.starts_at,
        zone=last.zone,
        has_phone=last.phone is not None,
        texts=[_state(row) for row in queries.texts_of(connection, last.event_id, workspace_id)],
        notices=[NoticeView(kind=row["kind"], reason=row["reason"], at=row["at"]) for row in notices],
    )
