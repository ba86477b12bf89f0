"""What the sender must know of a phone, as facts that only grow: a later one outweighs, none is lifted."""

from schemas.base import At, Id, Message, Phone, Ref


class StopState(Message, frozen=True, kw_only=True, tag_field="type", tag="stop"):
    """Stopped if ``stop_at`` is set and not before ``start_at`` (a tie is a stop); held likewise."""

    phone_ref: Ref
    stop_at: At | None
    start_at: At | None
    hold_at: At | None


class StartAsked(Message, frozen=True, kw_only=True, tag_field="type", tag="start-asked"):
    """A START that waits for the carrier's inbound list to show it, later than the STOP."""

    phone: Phone
    phone_ref: Ref
    inbound_uuid: Id
    received_at: At
    stop_at: At | None


class EndedState(Message, frozen=True, kw_only=True, tag_field="type", tag="ended"):
    """Consents given before ``ended_at`` are over: of one workspace and person, or (none) of the phone."""

    phone_ref: Ref
    workspace_id: Id | None
    person_id: Id | None
    ended_at: At
