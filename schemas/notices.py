"""What a coordinator or upstream must know and do something about. No personal data."""

from typing import Literal

from schemas.base import At, Id, Line, Message, SchemaVersion, TextId


class Notice(Message, frozen=True, kw_only=True, tag_field="type", tag="notice"):
    """``tell_the_participant``: a move or cancellation could not be texted. ``texted_cancel``: someone
    texted CANCEL, which opts out and cancels nothing. ``phone_invalid``, ``zone_invalid``,
    ``waiting_for_phone``: of a booking.
    """

    schema_version: SchemaVersion = 1
    notice_id: Id
    kind: Literal[
        "tell_the_participant", "texted_cancel", "phone_invalid", "zone_invalid", "waiting_for_phone"
    ]
    workspace_id: Id
    booking_id: Id | None
    event_id: Id
    person_id: Id | None
    text_id: TextId | None
    reason: Line
    at: At
