"""Bookings: as upstream publishes them, as intake canonicalises them, as a phone's row is told of them."""

from typing import Literal

from schemas.base import (
    At,
    Id,
    Line,
    Message,
    Phone,
    Ref,
    Revision,
    SchemaVersion,
    TextId,
    Url,
    Zone,
)

DayOfKind = Literal["interviewer_late", "join_link_changed", "place_changed", "materials_needed"]
BookingStatus = Literal["booked", "cancelled"]


class DayOf(Message, frozen=True, kw_only=True):
    """A notice for the day of the interview. The same notice in a later record is not sent again."""

    kind: DayOfKind
    notice_id: Id | None = None
    """Tells two notices of one kind apart (late, and later still)."""


class BookingEvent(Message, frozen=True, kw_only=True, tag_field="type", tag="booking"):
    """The full current state of a booking, never a delta. Published by upstream on ``booking-events``."""

    schema_version: SchemaVersion = 1
    message_id: Id
    workspace_id: Id
    workspace_name: Line
    study_id: Id
    booking_id: Id
    event_id: Id | None = None
    """One booking with those it replaces; ``booking_id`` if absent."""
    replaces_booking_id: Id | None = None
    person_id: Id
    revision: Revision
    status: BookingStatus
    starts_at: At
    zone: Zone | None = None
    """The participant's."""
    phone: Line | None = None
    """As typed; intake makes it E.164 or reports ``phone_invalid``."""
    region: Line | None = None
    """ISO 3166 region that a number without ``+`` is read in."""
    join_url: Url | None = None
    place: Line | None = None
    manage_url: Url | None = None
    day_of: DayOf | None = None
    announce: bool = True
    """False takes over an existing booking: it counts as told."""
    is_test: bool = False


class BookingInput(Message, frozen=True, kw_only=True, tag_field="type", tag="booking-input"):
    """A valid booking event, canonical: times in UTC, event named, phone read."""

    workspace_id: Id
    workspace_name: Line
    study_id: Id
    booking_id: Id
    event_id: Id
    replaces_booking_id: Id | None
    person_id: Id
    revision: Revision
    status: BookingStatus
    starts_at: At
    zone: Zone | None
    zone_error: Line | None
    phone: Phone | None
    phone_error: Line | None
    join_url: Url | None
    place: Line | None
    manage_url: Url | None
    day_of: DayOf | None
    announce: bool
    is_test: bool
    received_at: At


class BookingState(Message, frozen=True, kw_only=True, tag_field="type", tag="state"):
    """What an event is now, for the row of the phone it belongs to. ``version`` grows with every change."""

    phone: Phone
    phone_ref: Ref
    version: Revision
    awaits_handover: bool
    news: DayOf | None
    """The day-of notice, if the record before did not hold it."""
    asked_id: Id | None = None
    """The ``DayOfAsked`` that the notice came with; None: it came with a record of upstream."""
    asked_at: At | None = None
    booking: BookingInput


class Left(Message, frozen=True, kw_only=True, tag_field="type", tag="left"):
    """The event has left this phone (``to``: its new phone, none if there is none now)."""

    phone_ref: Ref
    workspace_id: Id
    event_id: Id
    version: Revision
    to: Phone | None
    to_ref: Ref | None


class Told(Message, frozen=True, kw_only=True):
    """What a phone was last told of an event."""

    status: BookingStatus
    starts_at: At


class Handover(Message, frozen=True, kw_only=True, tag_field="type", tag="handover"):
    """What the old phone's row knew of an event, for the row of the new phone; again if that changes."""

    phone: Phone
    phone_ref: Ref
    from_ref: Ref
    workspace_id: Id
    event_id: Id
    version: Revision
    counted_ids: list[str]
    told: Told | None
    at: At


class TextEnded(Message, frozen=True, kw_only=True, tag_field="type", tag="text-ended"):
    """A text has ended in the sender's journal; ``counted_ids`` are its tries that count to the cap."""

    phone_ref: Ref
    workspace_id: Id
    event_id: Id
    text_id: TextId
    plan_version: Revision
    end: Literal["accepted", "suppressed", "expired", "rejected", "unresolved"]
    counted_ids: list[str]
    at: At


class DueText(Message, frozen=True, kw_only=True, tag_field="type", tag="due"):
    """The clock, or a consent that arrived, says that a planned text may go."""

    phone_ref: Ref
    workspace_id: Id
    event_id: Id
    text_id: TextId


class Tidy(Message, frozen=True, kw_only=True, tag_field="type", tag="tidy"):
    """The clock says that a phone's row holds events that are long over."""

    phone_ref: Ref


class ReplyDue(Message, frozen=True, kw_only=True, tag_field="type", tag="reply-due"):
    """An answer to a participant's text, which may go once, by the token of that text."""

    phone: Phone
    phone_ref: Ref
    inbound_uuid: Id
    answer: Literal["stop", "start", "help", "unclear", "other"]
    received_at: At
    workspace_id: Id | None
    event_id: Id | None


class DayOfAsked(Message, frozen=True, kw_only=True, tag_field="type", tag="day-of-asked"):
    """Staff asks for a day-of update by a button. It takes no revision: those are upstream's."""

    asked_id: Id
    workspace_id: Id
    event_id: Id
    kind: DayOfKind
    actor: Line
    at: At
