"""Texts on their way to the carrier: released, or withdrawn. The worker never ends a text."""

from typing import Literal

from schemas.base import At, Body, Count, Id, Kind, Message, Phone, Ref, Revision, TextId
from schemas.reasons import EndReason, Waiting

Wording = Literal[
    "confirmation",
    "moved",
    "moved_last",
    "cancelled",
    "reminder",
    "interviewer_late",
    "join_link_changed",
    "place_changed",
    "materials_needed",
    "reply_stop",
    "reply_start",
    "reply_help",
    "reply_unclear",
    "reply_other",
]


class TextRef(Message, frozen=True, kw_only=True):
    """Which text: its identity, repeated wherever the text is spoken of. Holds no personal data."""

    text_id: TextId
    plan_version: Revision
    phone_ref: Ref
    workspace_id: Id | None
    study_id: Id | None
    event_id: Id | None
    booking_id: Id | None
    person_id: Id | None
    kind: Kind
    wording: Wording
    basis: str
    due_at: At
    first_due_at: At
    """The first due time of this text_id: the journal is read from before it."""
    segments: Count
    is_test: bool


class Delivery(Message, frozen=True, kw_only=True, tag_field="type", tag="delivery"):
    """A text to send before ``not_after``. Personal data: for those with the right."""

    text: TextRef
    phone: Phone
    body: Body
    not_after: At
    starts_at: At | None
    counts_to_cap: bool
    counted_ids: list[str]
    """``text_id#attempt`` of all texts of the event that count to the cap of six."""
    consent_id: Id | None
    consent_at: At | None
    workspace_revision: Revision
    study_revision: Revision
    reply_token: Id | None
    """Replies only: the MessageUUID that entitles to one answer."""
    released_at: At


class Withdrawal(Message, frozen=True, kw_only=True, tag_field="type", tag="withdrawal"):
    """The text goes no more: kills its versions up to ``text.plan_version``."""

    text: TextRef
    reason: EndReason
    waited_for: Waiting | None = None
    """What an expired text waited for."""
    at: At


class ScopeWithdrawal(Message, frozen=True, kw_only=True, tag_field="type", tag="scope-withdrawal"):
    """A switch was turned off: kills deliveries of the scope judged by a lower settings revision."""

    partition: int
    workspace_id: Id
    study_id: Id | None
    reason: Literal["workspace_off", "study_off"]
    settings_revision: Revision
    at: At
