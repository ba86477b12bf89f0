"""What the clock looks for: when a row next wants to be looked at."""

from collections.abc import Iterator
from datetime import datetime

from msgspec.structs import replace

from rules.events import is_open
from rules.policy import Policy
from schemas.base import Message
from schemas.bookings import DueText, Tidy
from schemas.rows import EventRow, PhoneRow, PhoneStops, PlannedText
from schemas.sms import HoldOver


def due_of_phone(phone_ref: str, row: PhoneRow, policy: Policy) -> Iterator[tuple[datetime, Message]]:
    """Each open text at its due time, or at its end if it waits; and the row when its events are over."""
    for event in row.events.values():
        for text in event.texts.values():
            if is_open(text):
                yield look_at(text), _due_text(phone_ref, event, text)
    if row.events:
        yield min(over_at(event, policy) for event in row.events.values()), Tidy(phone_ref=phone_ref)


def look_at(text: PlannedText) -> datetime:
    """When the clock ticks an open text."""
    return text.expires_at if text.state == "waiting" else text.due_at


def _due_text(phone_ref: str, event: EventRow, text: PlannedText) -> DueText:
    return DueText(
        phone_ref=phone_ref,
        workspace_id=event.booking.workspace_id,
        event_id=event.booking.event_id,
        text_id=text.text_id,
    )


def over_at(event: EventRow, policy: Policy) -> datetime:
    """When an event leaves the tables: long after its last start."""
    starts = [text.told.starts_at for text in event.texts.values()]
    return max([event.booking.starts_at, event.start_set_at, *starts]) + policy.keep_after_start


def tidied(row: PhoneRow, now: datetime, policy: Policy) -> PhoneRow | None:
    """The row without events that are long over; None if nothing is left of it."""
    events = {key: event for key, event in row.events.items() if over_at(event, policy) > now}
    return replace(row, events=events) if events else None


def due_of_stops(phone_ref: str, stops: PhoneStops, policy: Policy) -> Iterator[tuple[datetime, Message]]:
    """The end of a hold that nobody answered."""
    settled = (stops.start_at, stops.stop_at)
    if stops.hold_at is not None and all(at is None or at < stops.hold_at for at in settled):
        yield stops.hold_at + policy.hold, HoldOver(phone_ref=phone_ref, hold_at=stops.hold_at)
