"""The plan of an event: its state folded in, texts planned anew, texts struck with a reason.

All that changes a plan is here, in ``wanted`` and in ``handover``; release changes single texts only.
"""

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from rules.events import FINAL, current, found_out, is_open, is_settled, is_under_way, may_go_again, with_text
from rules.news import News
from rules.wanted import Draft, wanted
from schemas.bookings import BookingInput, BookingState, TextEnded
from schemas.reasons import EndReason
from schemas.rows import EventRow, PlannedText


class Plan(Struct, frozen=True, gc=False):
    """An event after a change of plan, the texts new in it and those struck from it."""

    event: EventRow
    planned: tuple[PlannedText, ...] = ()
    struck: tuple[tuple[PlannedText, EndReason], ...] = ()


def fold_state(event: EventRow | None, state: BookingState) -> EventRow | None:
    """The event with the new state; None if it is no newer than what the row has."""
    booking = state.booking
    if event is None:
        event = EventRow(
            version=0, booking=booking, changed_by=_record(booking), changed_at=booking.received_at
        )
    elif state.version <= event.version:
        return None
    elif _is_change(event.booking, booking):
        event = replace(event, changed_by=_record(booking), changed_at=booking.received_at)
    if event.booking.person_id != booking.person_id:
        event = _passed(event, booking)
    event = event if booking.announce else _told_by_upstream(event, booking)
    return replace(
        event,
        version=state.version,
        booking=replace(booking, join_url=None, place=None, manage_url=None, day_of=None),
        awaits=(*event.awaits, state.version) if state.awaits_handover else event.awaits,
        left=None,
    )


def _told_by_upstream(event: EventRow, booking: BookingInput) -> EventRow:
    return replace(
        event,
        tellings=event.tellings + 1,
        told_by_upstream=current(booking),
        told_by_upstream_at=booking.received_at,
        told_by_upstream_telling=event.tellings + 1,
    )


def _is_change(before: BookingInput, after: BookingInput) -> bool:
    """Another start of a cancelled booking is no news."""
    return before.status != after.status or (after.status == "booked" and before.starts_at != after.starts_at)


def _record(booking: BookingInput) -> str:
    return f"{booking.booking_id}@{booking.revision}"


def _passed(event: EventRow, to: BookingInput) -> EventRow:
    """The booking is another person's now: what the one before was told, this one was not, and it is news."""
    before = event.booking.person_id
    return replace(
        event,
        changed_at=to.received_at,
        texts={name: _left_behind(text, before, to.person_id) for name, text in event.texts.items()},
        told_before=None,
        told_by_upstream=None,
        told_by_upstream_at=None,
        told_by_upstream_telling=None,
    )


def _left_behind(text: PlannedText, before: str, to: str) -> PlannedText:
    """The text with whose it is; unsent, it may be planned again for them.

    A day-of notice is of whoever has the booking.
    """
    unsent = text.state == "ended" and text.end not in FINAL
    own = to if text.kind == "day_of_update" else text.former_person_id or before
    return replace(text, struck=text.struck or unsent, former_person_id=None if own == to else own)


def replan(draft: Draft, news: News | None = None) -> Plan:
    """Strike what is no longer wanted, plan what is, keep the rest as it was planned."""
    event = draft.event
    want = {text.text_id: text for text in wanted(draft, news)}
    new = tuple(text for text in want.values() if not _is_open_in(event, text))
    struck = tuple(
        (text, _strike_reason(event, text, new))
        for text in event.texts.values()
        if text.text_id not in want and (is_open(text) or _is_stale(event, text, draft.now))
    )
    for text, _ in struck:
        event = with_text(event, _struck(text))
    for text in want.values():
        event = with_text(event, text)
    return Plan(event, new, struck)


def _is_open_in(event: EventRow, text: PlannedText) -> bool:
    known = event.texts.get(text.text_id)
    return known is not None and is_open(known)


def _is_stale(event: EventRow, text: PlannedText, now: datetime) -> bool:
    """Handed to the sender, and what it says is no longer so: it may be caught, or its second try."""
    again = may_go_again(text, now)
    if text.struck or not (again or is_under_way(text)):
        return False
    if event.left is not None or text.former_person_id is not None:
        return True
    if text.wording == "cancelled":
        return event.booking.status != "cancelled"
    return text.told != current(event.booking)


def _struck(text: PlannedText) -> PlannedText:
    if not is_open(text):
        return replace(text, struck=True)
    return replace(text, struck=True, state="ended", waits_for=None, end="withdrawn")


def _strike_reason(event: EventRow, text: PlannedText, new: tuple[PlannedText, ...]) -> EndReason:
    if event.left is not None:
        return "phone_changed"
    if text.kind == "schedule_change":
        return "coalesced" if any(t.kind == "schedule_change" for t in new) else "nothing_new"
    if event.booking.status == "cancelled":
        return "cancelled"
    if text.told != current(event.booking):
        return "moved"
    return "coalesced" if text.kind == "day_of_update" else "nothing_new"


def ended(event: EventRow, end: TextEnded) -> EventRow | None:
    """The event after a text of it ended; None if that changes nothing it knows."""
    text = event.texts.get(end.text_id)
    final = end.end in FINAL
    if text is not None and text.plan_version > end.plan_version and not final:
        return None
    counts = {*end.counted_ids}
    kept = [i for i in event.counted_ids if i in counts or not i.startswith(f"{end.text_id}#")]
    after = replace(event, counted_ids=(*kept, *(i for i in end.counted_ids if i not in kept)))
    if text is not None:
        after = _with_end(after, text, end, final=final)
    return None if after == event else after


def _with_end(event: EventRow, text: PlannedText, end: TextEnded, *, final: bool) -> EventRow:
    """A struck text stays so if it may come back, or if its withdrawal still bars a second try."""
    if final and text.released_at is None:
        event, text = found_out(event, text, end.at)
    after = replace(text, state="ended", waits_for=None, end=end.end)
    stays = not final or is_settled(after)
    return with_text(event, replace(after, struck=text.struck and stays))
