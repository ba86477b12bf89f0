"""Consent: changes from outside, and the same, canonical, for the row of their phone."""

from typing import Literal

from schemas.base import At, Body, Id, Line, Message, Phone, Ref, SchemaVersion, Zone

Scope = Literal["event", "workspace"]


class Evidence(Message, frozen=True, kw_only=True):
    """What proves a consent: the exact words shown and how they were agreed to."""

    disclosure_version: Id
    disclosure_sha256: Line
    disclosure_text: Body
    act: Literal["submit", "checkbox", "keyword", "staff_attested", "upstream"]
    phone_typed: Line
    source_url: Line = ""
    form_version: Line = ""
    ip: Line = ""
    user_agent: Line = ""
    locale: Line = ""
    zone: Zone | None = None
    """The participant's, where known: consent has a date by their calendar."""
    study_id: Id | None = None
    """The study that the consent was given for."""


class ConsentChange(Message, frozen=True, kw_only=True, tag_field="type", tag="consent-change"):
    """A consent given or withdrawn outside the sign-up page: by upstream, staff or the manage page."""

    schema_version: SchemaVersion = 1
    message_id: Id
    action: Literal["grant", "withdraw"]
    source: Literal["upstream", "staff", "manage_page"]
    workspace_id: Id
    person_id: Id | None = None
    """Needed but for a phone-wide withdrawal."""
    phone: Line
    region: Line | None = None
    scope: Scope = "event"
    event_id: Id | None = None
    """Needed for a grant of scope ``event``."""
    evidence: Evidence | None = None
    """Needed for a grant."""
    phone_wide: bool = False
    """Ends the consents of every workspace; never granted again by staff, not lifted by START."""
    wrong_number: bool = False
    actor: Line | None = None
    reason: Line | None = None
    at: At


class ConsentGiven(Message, frozen=True, kw_only=True, tag_field="type", tag="given"):
    """A consent of a person for a phone, in a workspace, for one event or all of the workspace."""

    consent_id: Id
    phone: Phone
    phone_ref: Ref
    workspace_id: Id
    person_id: Id
    event_id: Id | None
    """None: scope ``workspace``."""
    source: Literal["sign_up", "upstream", "staff_attested"]
    evidence: Evidence
    actor: Line | None
    reason: Line | None
    at: At
    received_at: At


class ConsentEnded(Message, frozen=True, kw_only=True, tag_field="type", tag="ended"):
    """All consents of (workspace, person, phone) end, or with ``phone_wide`` all of the phone."""

    change_id: Id
    phone_ref: Ref
    workspace_id: Id | None
    """None: ended by the phone itself."""
    person_id: Id | None
    phone_wide: bool
    by: Literal["upstream", "staff", "manage_page", "wrong_number"]
    actor: Line | None
    reason: Line | None
    at: At
    received_at: At
