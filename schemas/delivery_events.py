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
    """Grows when a reader of the version before would misread; new fields leave it as it is."""
    delivery_event_id: Id
    """Names this step: what carries a known one is a repeat, to be counted once."""
    text_id: TextId
    """Names the text for ever: the same booking, kind and time give the same one."""
    plan_version: Revision
    """Which planning of the text: it may end and be planned anew. A text is (text_id, plan_version)."""
    phone_ref: Ref
    """Whose phone, as a keyed hash: joins texts of one phone, gives no number away."""
    workspace_id: Id | None
    """The workspace; null for an answer to a phone that no event is known of."""
    study_id: Id | None
    """The study; null as the workspace."""
    event_id: Id | None
    """The interview, whatever booking stands for it now; null as the workspace."""
    booking_id: Id | None
    """The booking that stood for the interview when the text was planned; null as the workspace."""
    kind: Kind
    """What the text is for."""
    wording: Wording
    """Which words it has: a schedule change may tell of a move or a cancellation."""
    state: State
    """The step: planned; an end by us; or what the carrier reports after it was accepted."""
    final: bool
    """True: no later event ends this text's plan_version otherwise (evidence may still turn unresolved)."""
    reason: Line | None
    """Why it ended so, of suppressed and expired a word of docs/reasons.md; null where none is needed."""
    carrier_code: Line | None
    """The carrier's error code of a report; null: none, or no report."""
    carrier_uuid: Id | None
    """The carrier's own name of the message; null before it was accepted."""
    attempt: int | None
    """Which try this was, from 1; null where none was made."""
    segments_predicted: Count
    """How many parts we expect the carrier to bill."""
    segments_billed: Count | None
    """How many parts the carrier says it billed; null: it did not say, which is not zero."""
    lateness_s: float | None
    """Accepted minus due, in seconds; null but for accepted."""
    due_at: At
    """When the text was to go."""
    at: At
    """When this step was taken, or became known to us."""
    is_test: bool
    """True: of a booking that upstream marked as a test; leave it out of figures."""
