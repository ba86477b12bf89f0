"""Erasure as messages: each log forgets in its own order, after all that stands before it.

Nothing here names a number or a word of the participant's: an erasure must not be what is left of it.
"""

from schemas.base import At, Id, Line, Message, Ref


class EraseEvent(Message, frozen=True, kw_only=True, tag_field="type", tag="erase-event"):
    """Match forgets an event of the phone, and passes the order on to the phone's plan."""

    erasure_id: Id
    phone_ref: Ref | None
    """None: the event has no phone."""
    workspace_id: Id
    event_id: Id
    at: At


class ErasePlans(Message, frozen=True, kw_only=True, tag_field="type", tag="erase-plans"):
    """The phone's plan goes; what is not sent yet is withdrawn."""

    erasure_id: Id
    phone_ref: Ref
    at: At


class ErasePhone(Message, frozen=True, kw_only=True, tag_field="type", tag="erase-phone"):
    """The phone's consents end and are forgotten, and the records let go of what they hold of it."""

    erasure_id: Id
    phone_ref: Ref
    actor: Line
    reason: Line
    at: At


class EraseReplies(Message, frozen=True, kw_only=True, tag_field="type", tag="erase-replies"):
    """What the phone wrote is forgotten; that it opted out is not."""

    erasure_id: Id
    phone_ref: Ref
    at: At
