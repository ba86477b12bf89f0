"""What a coordinator or upstream must know and do something about. No personal data."""

from typing import Literal

from schemas.base import At, Id, Line, Message, SchemaVersion, TextId

NoticeKind = Literal[
    "tell_the_participant", "texted_cancel", "phone_invalid", "zone_invalid", "waiting_for_phone"
]


class Notice(Message, frozen=True, kw_only=True, tag_field="type", tag="notice"):
    """``tell_the_participant``: a move or cancellation could not be texted. ``texted_cancel``: someone
    texted CANCEL, which opts out and cancels nothing. ``phone_invalid``, ``zone_invalid``,
    ``waiting_for_phone``: of a booking.
    """

    schema_version: SchemaVersion = 1
    notice_id: Id
    """Names the notice: a repeat carries the same."""
    kind: NoticeKind
    workspace_id: Id
    booking_id: Id | None
    event_id: Id
    person_id: Id | None
    text_id: TextId | None
    """The text that did not reach the participant; null where the notice is about none."""
    reason: Line
    """Of ``tell_the_participant`` how the text ended and why, in words of docs/reasons.md; else in words."""
    at: At
