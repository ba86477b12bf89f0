"""Which texts an event calls for, given what is so and what its phone was told."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from rules.events import FINAL, current, heard, is_open, knows, open_texts, told
from rules.ids import text_id
from rules.news import News
from rules.policy import Policy
from schemas.base import Kind
from schemas.bookings import Told
from schemas.deliveries import Wording
from schemas.rows import EventRow, PlannedText


class Draft(Struct, frozen=True, gc=False):
    """What planned texts of one event are made from."""

    event: EventRow
    phone: str
    policy: Policy
    now: datetime


class Wish(Struct, frozen=True, gc=False):
    """A text that the event calls for."""

    kind: Kind
    wording: Wording
    basis: str
    cause_at: datetime
    due_at: datetime
    told: Told
    expires_at: datetime


def wanted(draft: Draft, news: News | None) -> Iterator[PlannedText]:
    """The texts that should be open: those that are and still should, and new ones.

    ``news`` is the day-of notice that came with this state.
    """
    return (text for text in _drawn(draft, news) if text is not None)


def _drawn(draft: Draft, news: News | None) -> Iterator[PlannedText | None]:
    if draft.event.left is not None:
        return
    confirmation = _confirmation(draft)
    yield confirmation
    yield _change(draft, confirming=confirmation is not None)
    if draft.event.booking.status == "booked":
        yield from _reminders(draft)
        yield from _day_of(draft, news)


def _draw(draft: Draft, wish: Wish) -> PlannedText | None:
    """The open text of this identity, or a new one; None if it is under way or has had its chance.

    A text has had its chance unless it was struck and ended unsent: then it comes back as a version of its
    own, which no withdrawal of an earlier one kills.
    """
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
    if known is not None and not _comes_back(known):
        return None
    return PlannedText(
        text_id=name,
        plan_version=max(event.version, known.plan_version + 1) if known else event.version,
        kind=wish.kind,
        wording=wish.wording,
        basis=wish.basis,
        cause_at=wish.cause_at,
        due_at=wish.due_at,
        first_due_at=min(wish.due_at, known.first_due_at) if known else wish.due_at,
        expires_at=wish.expires_at,
        told=wish.told,
    )


def _comes_back(known: PlannedText) -> bool:
    """The sender takes no other version of what it closed: that would stand as released for ever."""
    return known.struck and known.state == "ended" and known.end not in FINAL


def _confirmation(draft: Draft) -> PlannedText | None:
    """Once per event, person and phone; not for what upstream announced or cancelled."""
    event, booking = draft.event, draft.event.booking
    if booking.status == "cancelled" or heard(event) is not None:
        return None
    wish = Wish(
        kind="confirmation",
        wording="confirmation",
        basis="",
        cause_at=event.changed_at,
        due_at=draft.now,
        told=current(booking),
        expires_at=booking.starts_at,
    )
    return _draw(draft, wish)


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
    """The text of the last change; due when the first one not yet told would have been."""
    event, policy = draft.event, draft.policy
    tells = _tells(before, current(event.booking))
    cancelled = tells.status == "cancelled"
    due_at = _change_due(policy, event.changed_at, (before.starts_at, event.booking.starts_at))
    return Wish(
        kind="schedule_change",
        wording="cancelled" if cancelled else "moved",
        basis=event.changed_by,
        cause_at=event.changed_at,
        due_at=min(pending.due_at, due_at) if pending else due_at,
        told=tells,
        expires_at=tells.starts_at + (policy.latest_after_start if cancelled else timedelta()),
    )


def _change_due(policy: Policy, cause_at: datetime, starts: tuple[datetime, ...]) -> datetime:
    """After the settling time; at once when the old or new start is near."""
    near = any(start - cause_at < policy.at_once_before_start for start in starts)
    return cause_at if near else cause_at + policy.settling


def _reminders(draft: Draft) -> Iterator[PlannedText | None]:
    """One per lead."""
    event, starts_at = draft.event, draft.event.booking.starts_at
    for lead in draft.policy.leads:
        wish = Wish(
            kind="interview_reminder",
            wording="reminder",
            basis=f"{starts_at.isoformat()}/{int(lead.total_seconds())}",
            cause_at=event.changed_at,
            due_at=starts_at - lead,
            told=current(event.booking),
            expires_at=starts_at,
        )
        yield _draw(draft, wish)


def _day_of(draft: Draft, news: News | None) -> Iterator[PlannedText | None]:
    """The open notices about this start, and the new one in place of an open one of its kind."""
    event, booking, policy = draft.event, draft.event.booking, draft.policy
    for text in open_texts(event, "day_of_update"):
        if text.told == current(booking) and not (news and text.wording == news.kind):
            yield text
    if news is None:
        return
    latest = booking.starts_at + policy.latest_after_start
    wish = Wish(
        kind="day_of_update",
        wording=news.kind,
        basis=news.basis,
        cause_at=news.cause_at,
        due_at=draft.now,
        told=current(booking),
        expires_at=min(latest, news.cause_at + policy.day_of_latest_after_cause),
    )
    yield _draw(draft, wish)
