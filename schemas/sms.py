"""What participants text back, and what the carrier tells us about their phones."""

from typing import Literal

from schemas.base import At, Body, Id, Line, Message, Phone, Ref, TextId

Intent = Literal["optout", "optin", "help", ""]


class InboundSms(Message, frozen=True, kw_only=True, tag_field="type", tag="inbound"):
    """A reply, as the carrier's webhook brought it. ``received_at`` is our first receipt of it.

    ``signature`` says what proves it; ``page``: no text, but the STOP button of a manage page.
    """

    inbound_uuid: Id
    phone: Phone
    phone_ref: Ref
    text: Body
    intent: Intent
    """The carrier's own reading (Plivo MessageIntent)."""
    signature: Literal["v3", "v2", "page"]
    received_at: At


class ReplyHandled(Message, frozen=True, kw_only=True, tag_field="type", tag="reply-handled"):
    """Somebody of the workspace has read a reply and done what it asks for. The first word counts."""

    inbound_uuid: Id
    phone_ref: Ref
    workspace_id: Id
    actor: Line
    at: At


class HoldOver(Message, frozen=True, kw_only=True, tag_field="type", tag="hold-over"):
    """The clock says that a hold got no answer in its time."""

    phone_ref: Ref
    hold_at: At


class CarrierBlock(Message, frozen=True, kw_only=True, tag_field="type", tag="carrier-block"):
    """The carrier refused a text because the phone opted out there (error 200)."""

    phone_ref: Ref
    text_id: TextId
    posted_at: At


class StartConfirmed(Message, frozen=True, kw_only=True, tag_field="type", tag="start-confirmed"):
    """The carrier's list of inbound messages shows the START (``newer``: later than the STOP)."""

    phone: Phone
    phone_ref: Ref
    inbound_uuid: Id
    received_at: At
    newer: bool


class DeliveryReport(Message, frozen=True, kw_only=True, tag_field="type", tag="report"):
    """The carrier's status callback for one try of a text; the path of the callback named both."""

    text_id: TextId
    attempt: int
    partition: int
    carrier_uuid: Id
    status: str
    sequence: int | None
    error_code: str
    units: int | None
    received_at: At
