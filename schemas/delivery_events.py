"""The life of each text for analytics: no personal data."""

from typing import Literal

from schemas.base import At, Count, Id, Kind, Line, Message, Ref, Revision, SchemaVersion, TextId
from schemas.deliveries import Wording

State = Literal[
    "planned",
    "accepted",
    "suppressed",
    "expired",
    "rejected",
    "unresolved",
    "sent",
    "delivered",
    "undelivered",
    "failed",
]


class DeliveryEvent(Message, frozen=True, kw_only=True, tag_field="type", tag="delivery-event"):
    """One step in the life of a text. Repeats carry the same ``delivery_event_id``."""

    schema_version: SchemaVersion = 1
    delivery_event_id: Id
    text_id: TextId
    plan_version: Revision
    phone_ref: Ref
    workspace_id: Id | None
    study_id: Id | None
    event_id: Id | None
    booking_id: Id | None
    kind: Kind
    wording: Wording
    state: State
    final: bool
    """True: no later event ends this text's plan_version otherwise (evidence may still turn unresolved)."""
    reason: Line | None
    carrier_code: Line | None
    carrier_uuid: Id | None
    attempt: int | None
    segments_predicted: Count
    segments_billed: Count | None
    lateness_s: float | None
    """Accepted minus due, in seconds."""
    due_at: At
    at: At
    is_test: bool
