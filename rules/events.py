"""Questions to the row of an event: what its phone was told, which texts are open, which tries count."""

from collections.abc import Iterator
from datetime import datetime

from msgspec.structs import replace

from schemas.bookings import BookingInput, Told
from schemas.row_times import TextTimes
from schemas.rows import EventRow, PlannedText

ANNOUNCEMENTS = ("confirmation", "schedule_change")
UNTOLD = ("suppressed", "expired", "rejected", "withdrawn")
"""Ends that tell nobody anything; an unresolved text may have been read."""
FINAL = ("accepted", "unresolved", "rejected")
"""Ends for ever: of the others, a struck text may come back."""
TEXTS_KEPT = 16


def event_key(workspace_id: str, event_id: str) -> str:
    """The name of an event in a phone's row."""
    return f"{workspace_id}/{event_id}"


def current(booking: BookingInput) -> Told:
    """What a text about this booking would tell now."""
    return Told(status=booking.status, starts_at=booking.starts_at)


def is_open(text: PlannedText | TextTimes) -> bool:
    """Not yet released: it may still go, or be struck."""
    return text.state in ("planned", "waiting")


def is_under_way(text: PlannedText) -> bool:
    """Released and not ended: the sender has it."""
    return text.state == "released"


def is_settled(text: PlannedText) -> bool:
    """A reminder that went, may have gone or was refused: the sender takes no other version of it."""
    return text.kind == "interview_reminder" and text.end in FINAL


def may_go_again(text: PlannedText, now: datetime) -> bool:
    """An accepted reminder: the sender may try it once more if the network loses it."""
    return is_settled(text) and text.end == "accepted" and now < text.expires_at


def open_texts(event: EventRow, *kinds: str) -> Iterator[PlannedText]:
    """The event's texts that may still go to who has the booking, of these kinds, or all."""
    mine = (t for t in event.texts.values() if is_open(t) and t.former_person_id is None)
    return (t for t in mine if not kinds or t.kind in kinds)


def announced(event: EventRow) -> Iterator[PlannedText]:
    """The confirmations and changes that went to who has the booking and were not stopped on their way."""
    for text in event.texts.values():
        mine = text.kind in ANNOUNCEMENTS and text.former_person_id is None
        if mine and text.telling is not None and text.end not in UNTOLD:
            yield text


def released(event: EventRow, text: PlannedText, at: datetime) -> tuple[EventRow, PlannedText]:
    """The text once the sender has it; the event numbers it, because clocks may step back."""
    telling = event.tellings + 1
    released = replace(text, state="released", waits_for=None, released_at=at, telling=telling)
    return replace(event, tellings=telling), released


def found_out(event: EventRow, text: PlannedText, at: datetime) -> tuple[EventRow, PlannedText]:
    """The text once its end says that it went, though its release broke off before the row knew of it.

    It was said before all that was planned after it, which may have been said since.
    """
    later = [t.telling for t in event.texts.values() if t.telling and t.plan_version > text.plan_version]
    if not later:
        return released(event, text, at)
    place = min(later)
    texts = {
        name: replace(t, telling=t.telling + 1) if t.telling and t.telling >= place else t
        for name, t in event.texts.items()
    }
    upstream = event.told_by_upstream_telling
    upstream = upstream + 1 if upstream and upstream >= place else upstream
    event = replace(event, tellings=event.tellings + 1, texts=texts, told_by_upstream_telling=upstream)
    return event, replace(text, released_at=at, telling=place)


def heard(event: EventRow) -> Told | None:
    """What this phone itself was last told: by a text, or by upstream."""
    said: list[tuple[int | None, Told | None]] = [(text.telling, text.told) for text in announced(event)]
    said.append((event.told_by_upstream_telling, event.told_by_upstream))
    return max(said, key=lambda one: one[0] or 0)[1]


def told(event: EventRow) -> Told | None:
    """What the person was last told: on this phone, else on the event's phone before it."""
    return heard(event) or event.told_before


def knows(event: EventRow) -> Told | None:
    """What the person takes to be true: what they were told, else what they booked.

    A confirmation that ended unsent leaves them with their own booking, of which changes must be told.
    """
    return told(event) or next((t.told for t in event.texts.values() if _ended_for_good(t)), None)


def _ended_for_good(text: PlannedText) -> bool:
    mine = text.kind == "confirmation" and text.former_person_id is None
    return mine and text.end is not None and not text.struck


def counted(event: EventRow) -> tuple[str, ...]:
    """The tries of the event that count to the cap, ``text_id#attempt``, over all its phones.

    Of its own texts this row knows best: an inherited try of one may have been proven not sent since.
    """
    own = set(event.counted_ids)
    return event.counted_ids + tuple(
        i for i in event.inherited_ids if i not in own and i.partition("#")[0] not in event.texts
    )


def with_text(event: EventRow, text: PlannedText) -> EventRow:
    """The event with this text in place of its former self; the least needed ended ones make room."""
    texts = {**event.texts, text.text_id: text}
    if len(texts) > TEXTS_KEPT:
        now_true = current(event.booking)
        ended = [t for t in texts.values() if t.state == "ended" and t.kind != "confirmation"]
        ended.sort(key=lambda t: (_of_now(t, now_true), t.end not in UNTOLD, t.due_at))
        for old in ended[: len(texts) - TEXTS_KEPT]:
            del texts[old.text_id]
    return replace(event, texts=texts)


def _of_now(text: PlannedText, now_true: Told) -> bool:
    """Whether the plan would draw this text again if it were forgotten."""
    return text.kind != "day_of_update" and text.told == now_true
