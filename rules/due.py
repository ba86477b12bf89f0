"""What the clock looks for: when a row next wants to be looked at."""

from collections.abc import Iterator
from datetime import datetime

from rules.consent import is_held, is_stopped
from rules.events import is_open
from rules.keeping import early_over_at, over_at
from rules.policy import Policy
from schemas.base import Message
from schemas.bookings import DueText, Tidy
from schemas.row_times import PhoneTimes, TextTimes
from schemas.rows import EventRow, PhoneRow, PhoneStops, PlannedText
from schemas.sms import HoldOver


def due_of_phone(phone_ref: str, row: PhoneRow, policy: Policy) -> Iterator[tuple[datetime, Message]]:
    """Each open text at its due time, or at its end if it waits; and the row when its events are over."""
    for event in row.events.values():
        for text in event.texts.values():
            if is_open(text):
                yield look_at(text), _due_text(phone_ref, event, text)
    over = [over_at(event, policy) for event in row.events.values()]
    over += [early_over_at(known, policy) for known in row.early.values()]
    if over:
        yield min(over), Tidy(phone_ref=phone_ref)


def next_due_of_phone(row: PhoneRow | PhoneTimes, policy: Policy) -> datetime | None:
    """The first of the times that ``due_of_phone`` gives, from less of the row."""
    due: list[datetime] = [over_at(event, policy) for event in row.events.values()]
    due += [early_over_at(known, policy) for known in row.early.values()]
    for event in row.events.values():
        due += [look_at(text) for text in event.texts.values() if is_open(text)]
    return min(due, default=None)


def look_at(text: PlannedText | TextTimes) -> datetime:
    """When the clock ticks an open text: one that waits, at the first moment that is too late for it."""
    return text.expires_at + datetime.resolution if text.state == "waiting" else text.due_at


def _due_text(phone_ref: str, event: EventRow, text: PlannedText) -> DueText:
    return DueText(
        phone_ref=phone_ref,
        workspace_id=event.booking.workspace_id,
        event_id=event.booking.event_id,
        text_id=text.text_id,
    )


def due_of_stops(phone_ref: str, stops: PhoneStops, policy: Policy) -> Iterator[tuple[datetime, Message]]:
    """The end of a hold that nobody answered."""
    if stops.hold_at is not None and is_held(stops) and not is_stopped(stops):
        yield stops.hold_at + policy.hold, HoldOver(phone_ref=phone_ref, hold_at=stops.hold_at)


def next_due_of_stops(stops: PhoneStops, policy: Policy) -> datetime | None:
    """The time that ``due_of_stops`` gives."""
    return next((at for at, _ in due_of_stops("", stops, policy)), None)
