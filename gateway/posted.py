"""What is posted to the API and travels on no topic."""

from schemas.base import At, Body, Id, Line, Message, Url, Zone


class NewInvitation(Message, frozen=True, kw_only=True):
    """An invitation to make. Without ``event_id`` Submit fixes one; without ``person_id`` it is public."""

    workspace_id: Id
    workspace_name: Line
    study_id: Id
    study_name: Line | None = None
    """Shown on the page, never in a text."""
    invitation_id: Id | None = None
    event_id: Id | None = None
    person_id: Id | None = None
    booking_id: Id | None = None
    starts_at: At | None = None
    zone: Zone | None = None
    return_url: Url | None = None
    """Where the visitor goes afterwards, with a signed ``sign_up`` parameter."""
    expires_at: At | None = None


class Returned(Message, frozen=True, kw_only=True):
    """The ``sign_up`` parameter that a visitor came back with."""

    sign_up: Body
