"""Sign-ups: one Submit of the page, and the phone that match takes from it."""

from typing import Literal

from schemas.base import At, Body, Id, Line, Message, Phone, SchemaVersion, Zone


class SignUp(Message, frozen=True, kw_only=True, tag_field="type", tag="sign-up"):
    """One Submit of the sign-up page: the consent and the booking's phone come from this one record."""

    schema_version: SchemaVersion = 1
    sign_up_id: Id
    workspace_id: Id
    study_id: Id
    event_id: Id
    person_id: Id
    phone: Phone
    phone_typed: Line
    at: At
    zone: Zone | None
    disclosure_version: Id
    disclosure_sha256: Line
    disclosure_text: Body
    act: Literal["submit", "checkbox"]
    source_url: Line
    form_version: Id
    ip: Line
    user_agent: Line
    locale: Line


class PhoneGiven(Message, frozen=True, kw_only=True, tag_field="type", tag="phone-given"):
    """A sign-up's phone for its event. It stands among the booking inputs, so that match reads one log."""

    sign_up_id: Id
    workspace_id: Id
    event_id: Id
    phone: Phone
    at: At
