"""How long events stay in a phone's row, and how many: a row is read and written whole, so it stays small."""

from datetime import datetime

from msgspec.structs import replace

from rules.events import is_under_way, open_texts
from rules.policy import Policy
from rules.refused import Refused
from schemas.bookings import Handover
from schemas.row_times import EarlyTimes, EventTimes
from schemas.rows import EventRow, PhoneRow

EVENTS_MAX = 60
"""A phone with more events to come is no participant's. This many of the longest fit one record."""


def over_at(event: EventRow | EventTimes, policy: Policy) -> datetime:
    """When an event leaves the tables: long after its last start."""
    starts = [text.told.starts_at for text in event.texts.values()]
    return max([event.booking.starts_at, event.changed_at, *starts]) + policy.keep_after_start


def early_over_at(known: Handover | EarlyTimes, policy: Policy) -> datetime:
    """When a handover is forgotten whose state never came."""
    return known.at + policy.keep_after_start


def tidied(row: PhoneRow, now: datetime, policy: Policy) -> PhoneRow | None:
    """The row without events that are long over; None if nothing is left of it. Open texts are kept."""
    events = {
        key: event
        for key, event in row.events.items()
        if over_at(event, policy) > now or any(open_texts(event))
    }
    early = {name: known for name, known in row.early.items() if early_over_at(known, policy) > now}
    return replace(row, events=events, early=early) if events or early else None


def admitted(row: PhoneRow, key: str, now: datetime) -> PhoneRow:
    """The row with room for the event ``key``. Raises ``Refused`` if too many others are still to come."""
    if key in row.events or len(row.events) < EVENTS_MAX:
        return row
    done = [(e.booking.starts_at, name) for name, e in row.events.items() if _is_done(e, now)]
    if not done:
        raise Refused("event_id", f"its phone has {EVENTS_MAX} other events to come")
    _, oldest = min(done)
    return replace(row, events={name: e for name, e in row.events.items() if name != oldest})


def _is_done(event: EventRow, now: datetime) -> bool:
    if event.owed or event.awaits or any(open_texts(event)):
        return False
    over = event.left is not None or event.booking.starts_at < now or event.booking.status == "cancelled"
    return over and not any(is_under_way(text) for text in event.texts.values())
