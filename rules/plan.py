"""The plan of an event: its state folded in, texts planned anew, texts struck with a reason.

All that changes a plan is here and in ``wanted``; release changes single texts only.
"""

from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from rules.events import ANNOUNCEMENTS, current, is_open, is_under_way, told, with_text
from rules.wanted import Draft, is_open_in, wanted
from schemas.bookings import BookingState, DayOf, Handover, TextEnded
from schemas.reasons import EndReason
from schemas.rows import EventRow, PlannedText


@dataclass(frozen=True)
class Plan:
    """An event after a change of plan, the texts new in it and those struck from it."""

    event: EventRow
    planned: tuple[PlannedText, ...] = ()
    struck: tuple[tuple[PlannedText, EndReason], ...] = ()


def fold_state(event: EventRow | None, state: BookingState, now: datetime) -> EventRow | None:
    """The event with the new state; None if it is no newer than what the row has."""
    if event is None:
        event = EventRow(version=0, booking=state.booking, start_set_at=now)
    elif state.version <= event.version:
        return None
    back = event.left_at_version is not None
    moved = back or current(event.booking) != current(state.booking)
    event = replace(
        event,
        version=state.version,
        booking=state.booking,
        start_set_at=now if moved else event.start_set_at,
        awaits=state.version if state.awaits_handover else None,
        left_at_version=None,
        left_to=None,
        left_to_ref=None,
    )
    if state.booking.announce:
        return event
    return replace(
        event,
        told_by_upstream=current(state.booking),
        told_by_upstream_at=state.booking.received_at,
    )


def replan(draft: Draft, news: DayOf | None = None) -> Plan:
    """Strike what is no longer wanted, plan what is, keep the rest as it was planned."""
    event = draft.event
    want = {text.text_id: text for text in wanted(draft, news)}
    new = tuple(text for text in want.values() if not is_open_in(event, text))
    struck = tuple(
        (text, _strike_reason(event, text, new))
        for text in event.texts.values()
        if text.text_id not in want and (is_open(text) or _is_stale(event, text))
    )
    for text, _ in struck:
        event = with_text(event, _struck(text))
    for text in want.values():
        event = with_text(event, text)
    return Plan(event, new, struck)


def _is_stale(event: EventRow, text: PlannedText) -> bool:
    """Handed to the sender, and what it says is no longer so: it may be caught."""
    if text.struck or not is_under_way(text) or text.kind == "reply":
        return False
    if event.left_at_version is not None:
        return True
    if text.kind == "day_of_update":
        return event.booking.status == "cancelled"
    if text.wording == "cancelled":
        return event.booking.status != "cancelled"
    return text.told != current(event.booking)


def _struck(text: PlannedText) -> PlannedText:
    if is_under_way(text):
        return replace(text, struck=True)
    return replace(text, struck=True, state="ended", waits_for=None, end="withdrawn")


def _strike_reason(event: EventRow, text: PlannedText, new: tuple[PlannedText, ...]) -> EndReason:
    if event.left_at_version is not None:
        return "phone_changed"
    if text.kind == "schedule_change":
        return "coalesced" if any(t.kind == "schedule_change" for t in new) else "nothing_new"
    if event.booking.status == "cancelled":
        return "cancelled"
    return "nothing_new" if text.kind == "confirmation" and is_open(text) else "moved"


def leave(event: EventRow, *, version: int, to: str | None, to_ref: str | None) -> EventRow:
    """The event as the row of a phone that it has left."""
    return replace(
        event, version=max(version, event.version), left_at_version=version, left_to=to, left_to_ref=to_ref
    )


def handed_over(event: EventRow, handover: Handover) -> EventRow | None:
    """The event with what the old phone's row knew; None if it is not what this row awaits."""
    if event.awaits != handover.version:
        return None
    counted = event.counted_ids + tuple(i for i in handover.counted_ids if i not in event.counted_ids)
    event = replace(event, awaits=None, counted_ids=counted, told_before=handover.told or event.told_before)
    for text in event.texts.values():
        if text.waits_for == "waiting_for_handover":
            event = with_text(event, replace(text, state="planned", waits_for=None))
    return event


def handover(
    event: EventRow | None, *, phone_ref: str, from_ref: str, left: tuple[str, str, int]
) -> Handover:
    """What this row knows of an event that left it; ``left`` is workspace, event, version."""
    workspace_id, event_id, version = left
    return Handover(
        phone_ref=phone_ref,
        from_ref=from_ref,
        workspace_id=workspace_id,
        event_id=event_id,
        version=version,
        counted_ids=list(event.counted_ids) if event else [],
        told=told(event) if event else None,
    )


def ended(event: EventRow, end: TextEnded) -> EventRow | None:
    """The event after a text of it ended; None if the row does not plan that version any more."""
    text = event.texts.get(end.text_id)
    others = tuple(i for i in event.counted_ids if not i.startswith(f"{end.text_id}#"))
    counted = others + tuple(end.counted_ids)
    if text is None:
        return None if counted == event.counted_ids else replace(event, counted_ids=counted)
    final = end.end in ("accepted", "unresolved", "rejected")
    if text.plan_version > end.plan_version and not final:
        return None
    if text.state == "ended" and text.end == end.end and counted == event.counted_ids:
        return None
    text = replace(text, state="ended", waits_for=None, end=end.end, struck=text.struck and not final)
    if text.kind in ANNOUNCEMENTS and final and text.released_at is None:
        text = replace(text, released_at=end.at)
    return with_text(replace(event, counted_ids=counted), text)
