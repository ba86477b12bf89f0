"""The sender's journal: every try written down before it is made, every end of a text."""

from typing import Literal

from schemas.base import At, Count, Id, Line, Message
from schemas.deliveries import TextRef
from schemas.reasons import Suppression, Waiting

Policy = Literal["strict", "verified"]


class Claimed(Message, frozen=True, kw_only=True, tag_field="type", tag="claimed"):
    """A sender means to try. The first claim in log order after the last NotSent wins."""

    text: TextRef
    attempt: int
    claim_id: Id
    counts_to_cap: bool
    not_after: At
    deadline_at: At
    """No byte is written after it."""
    at: At


class Accepted(Message, frozen=True, kw_only=True, tag_field="type", tag="accepted"):
    """The carrier has it. Positive evidence always wins, however late."""

    text: TextRef
    attempt: int
    claim_id: Id | None
    carrier_uuid: Id
    evidence: Literal["reply", "callback", "list", "operator"]
    at: At


class NotSent(Message, frozen=True, kw_only=True, tag_field="type", tag="not-sent"):
    """The claim surely did not reach the carrier; the attempt is open again."""

    text: TextRef
    attempt: int
    claim_id: Id
    reason: Line
    at: At


class Unknown(Message, frozen=True, kw_only=True, tag_field="type", tag="unknown"):
    """The try may have reached the carrier; evidence settles it, or a person."""

    text: TextRef
    attempt: int
    claim_id: Id
    reason: Line
    posted_at: At
    at: At


class Suppressed(Message, frozen=True, kw_only=True, tag_field="type", tag="suppressed"):
    """Not sent, by a rule; ends versions up to ``text.plan_version``."""

    text: TextRef
    claim_id: Id | None = None
    """The claim that it closes, if the gate refused after claiming."""
    tries: int = 0
    """Earlier attempts that may have reached the carrier."""
    reason: Suppression
    at: At


class Expired(Message, frozen=True, kw_only=True, tag_field="type", tag="expired"):
    """Too late to send; ends versions up to ``text.plan_version``."""

    text: TextRef
    claim_id: Id | None = None
    tries: int = 0
    waited_for: Waiting | None = None
    at: At


class Rejected(Message, frozen=True, kw_only=True, tag_field="type", tag="rejected"):
    """The carrier refused it for good, or a person found that it has not got it."""

    text: TextRef
    attempt: int
    claim_id: Id | None
    """None: a person's word."""
    reason: Line
    at: At


class Unresolved(Message, frozen=True, kw_only=True, tag_field="type", tag="unresolved"):
    """No evidence came: shown to a person, with an alert."""

    text: TextRef
    attempt: int
    claim_id: Id
    at: At


class Reported(Message, frozen=True, kw_only=True, tag_field="type", tag="reported"):
    """A delivery report that moved the text's carrier status forward."""

    text: TextRef
    attempt: int
    carrier_uuid: Id
    status: Literal["queued", "sent", "delivered", "undelivered", "failed"]
    sequence: int | None = None
    """The order in which the carrier made its reports."""
    error_code: Line
    units: Count | None
    at: At


JournalRecord = (
    Claimed | Accepted | NotSent | Unknown | Suppressed | Expired | Rejected | Unresolved | Reported
)
