"""Which texts an event calls for, given what is so and what its phone was told."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec.structs import replace

from rules.events import current, heard, is_open, knows, open_texts, told
from rules.ids import text_id
from rules.policy import Policy
from schemas.base import Kind
from schemas.bookings import DayOf, Told
from schemas.deliveries import Wording
from schemas.rows import EventRow, PlannedText


@dataclass(frozen=True)
class Draft:
    """What planned texts of one event are made from."""

    event: EventRow
    phone: str
    policy: Policy
    now: datetime


@dataclass(frozen=True)
class Wish:
    """A text that the event calls for."""

    kind: Kind
    wording: Wording
    basis: str
    due_at: datetime
    told: Told
    expires_at: datetime


def wanted(draft: Draft, news: DayOf | None) -> Iterator[PlannedText]:
    """The texts that should be open: those that are and still should, and new ones.

    ``news`` is a day-of notice that came with this state.
    """
    event = draft.event
    if event.left_at_version is not None:
        return
    confirmation = _confirmation(draft)
    change = _change(draft, confirming=confirmation is not None)
    yield from (text for text in (confirmation, change) if text is not None)
    if event.booking.status == "booked":
        yield from _reminders(draft)
        yield from open_texts(event, "day_of_update")
        yield from _day_of(draft, news)


def _draw(draft: Draft, wish: Wish) -> PlannedText | None:
    """The open text of this identity, or a new one; None if it is under way or has had its chance."""
    booking, event = draft.event.booking, draft.event
    name = text_id(
        draft.policy.reference_key,
        workspace_id=booking.workspace_id,
        event_id=booking.event_id,
        person_id=booking.person_id,
        phone=draft.phone,
        kind=wish.kind,
        basis=wish.basis,
    )
    known = event.texts.get(name)
    if known is not None and is_open(known):
        return replace(known, told=wish.told, expires_at=wish.expires_at)
    if known is not None and not may_be_planned_again(known, event.version):
        return None
    return PlannedText(
        text_id=name,
        plan_version=event.version,
        kind=wish.kind,
        wording=wish.wording,
        basis=wish.basis,
        cause_at=booking.received_at,
        due_at=wish.due_at,
        first_due_at=min(wish.due_at, known.first_due_at) if known else wish.due_at,
        expires_at=wish.expires_at,
        told=wish.told,
    )


def may_be_planned_again(text: PlannedText, version: int) -> bool:
    """Struck and ended unsent, in an earlier version: the only way for a text to come back."""
    return text.struck and text.state == "ended" and text.plan_version < version


def _confirmation(draft: Draft) -> PlannedText | None:
    """Once per event, person and phone; not for what upstream announced or cancelled."""
    event, booking = draft.event, draft.event.booking
    if booking.status == "cancelled" or heard(event) is not None:
        return None
    return _draw(
        draft,
        Wish("confirmation", "confirmation", "", draft.now, current(booking), booking.starts_at),
    )


def _change(draft: Draft, *, confirming: bool) -> PlannedText | None:
    """A move or cancellation that the phone was not told; moves in quick succession give one text.

    None while a confirmation is to be sent: it tells all (``confirming``).
    """
    event, now_true = draft.event, current(draft.event.booking)
    unconfirmed = any(open_texts(event, "confirmation"))
    before = told(event) if unconfirmed else knows(event)
    if confirming or before is None or before == now_true or before.status == now_true.status == "cancelled":
        return None
    pending = next(open_texts(event, "schedule_change"), None)
    if pending is not None and pending.told == _tells(before, now_true):
        return pending
    return _draw(draft, _change_wish(draft, before, pending))


def _tells(before: Told, now_true: Told) -> Told:
    """What a change text says: a cancellation speaks of the start that the person knows."""
    return replace(before, status="cancelled") if now_true.status == "cancelled" else now_true


def _change_wish(draft: Draft, before: Told, pending: PlannedText | None) -> Wish:
    booking, policy = draft.event.booking, draft.policy
    tells = _tells(before, current(booking))
    cancelled = tells.status == "cancelled"
    due_at = _change_due(policy, booking.received_at, (before.starts_at, booking.starts_at))
    return Wish(
        "schedule_change",
        "cancelled" if cancelled else "moved",
        f"{booking.booking_id}@{booking.revision}",
        min(pending.due_at, due_at) if pending else due_at,
        tells,
        tells.starts_at + (policy.latest_after_start if cancelled else timedelta()),
    )


def _change_due(policy: Policy, cause_at: datetime, starts: tuple[datetime, ...]) -> datetime:
    """After the settling time; at once when the old or new start is near."""
    near = any(start - cause_at < policy.at_once_before_start for start in starts)
    return cause_at if near else cause_at + policy.settling


def _reminders(draft: Draft) -> Iterator[PlannedText]:
    """One per lead, unless the booking or move came within it: then its own text covers it."""
    booking = draft.event.booking
    for lead in draft.policy.leads:
        due_at = booking.starts_at - lead
        basis = f"{booking.starts_at.isoformat()}/{int(lead.total_seconds())}"
        wish = Wish("interview_reminder", "reminder", basis, due_at, current(booking), booking.starts_at)
        text = _draw(draft, wish)
        if text is not None and (is_open_in(draft.event, text) or due_at > draft.event.start_set_at):
            yield text


def is_open_in(event: EventRow, text: PlannedText) -> bool:
    """Whether the event has this text open already."""
    known = event.texts.get(text.text_id)
    return known is not None and is_open(known)


def _day_of(draft: Draft, news: DayOf | None) -> Iterator[PlannedText]:
    if news is None:
        return
    booking, policy = draft.event.booking, draft.policy
    latest = min(
        booking.starts_at + policy.latest_after_start, booking.received_at + policy.day_of_latest_after_cause
    )
    basis = f"{booking.booking_id}@{booking.revision}"
    text = _draw(draft, Wish("day_of_update", news.kind, basis, draft.now, current(booking), latest))
    if text is not None:
        yield text
