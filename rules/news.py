"""Day-of notices: which one came with a state, and what names it."""

from datetime import datetime

from msgspec import Struct

from rules.ids import asked_basis
from schemas.bookings import BookingState, DayOfKind


class News(Struct, frozen=True, gc=False):
    """A day-of notice that is to be told; ``basis`` names it for ever."""

    kind: DayOfKind
    basis: str
    cause_at: datetime


def news_of(state: BookingState) -> News | None:
    """The notice that came with a state: in a record of upstream, or asked for by staff."""
    if state.news is None:
        return None
    booking = state.booking
    if state.asked_id is not None and state.asked_at is not None:
        return News(state.news.kind, asked_basis(state.asked_id), state.asked_at)
    return News(state.news.kind, f"{booking.booking_id}@{booking.revision}", booking.received_at)
