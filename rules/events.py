"""Questions to the row of an event: what its phone was told, which texts are open."""

from collections.abc import Iterator
from datetime import datetime

from msgspec.structs import replace

from schemas.bookings import BookingInput, Told
from schemas.rows import EventRow, PlannedText

ANNOUNCEMENTS = ("confirmation", "schedule_change")
TEXTS_KEPT = 30


def event_key(workspace_id: str, event_id: str) -> str:
    """The name of an event in a phone's row."""
    return f"{workspace_id}/{event_id}"


def current(booking: BookingInput) -> Told:
    """What a text about this booking would tell now."""
    return Told(status=booking.status, starts_at=booking.starts_at)


def is_open(text: PlannedText) -> bool:
    """Not yet released: it may still go, or be struck."""
    return text.state in ("planned", "waiting")


def is_under_way(text: PlannedText) -> bool:
    """Released and not ended: the sender has it."""
    return text.state == "released"


def open_texts(event: EventRow, *kinds: str) -> Iterator[PlannedText]:
    """The event's texts that may still go, of these kinds, or all."""
    return (t for t in event.texts.values() if is_open(t) and (not kinds or t.kind in kinds))


def heard(event: EventRow) -> Told | None:
    """What this phone itself was last told: by a text not stopped on its way, or by upstream."""
    said: list[tuple[datetime, Told]] = [
        (text.released_at, text.told)
        for text in event.texts.values()
        if text.kind in ANNOUNCEMENTS and text.released_at and text.end in (None, "accepted", "unresolved")
    ]
    if event.told_by_upstream and event.told_by_upstream_at:
        said.append((event.told_by_upstream_at, event.told_by_upstream))
    return max(said, key=lambda pair: pair[0])[1] if said else None


def told(event: EventRow) -> Told | None:
    """What the person was last told: on this phone, else on the event's phone before it."""
    return heard(event) or event.told_before


def knows(event: EventRow) -> Told | None:
    """What the person takes to be true: what they were told, else what they booked.

    A confirmation that ended unsent leaves them with their own booking, of which changes must be told.
    """
    return told(event) or next(
        (t.told for t in event.texts.values() if t.kind == "confirmation" and t.end and not t.struck), None
    )


def with_text(event: EventRow, text: PlannedText) -> EventRow:
    """The event with this text in place of its former self; the oldest ended ones make room."""
    texts = {**event.texts, text.text_id: text}
    if len(texts) > TEXTS_KEPT:
        ended = [t for t in texts.values() if t.state == "ended" and t.kind != "confirmation"]
        for old in sorted(ended, key=lambda t: t.due_at)[: len(texts) - TEXTS_KEPT]:
            del texts[old.text_id]
    return replace(event, texts=texts)
