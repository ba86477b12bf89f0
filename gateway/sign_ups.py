"""The one record of a sign-up: consent with its evidence, and the phone of the event."""

from collections.abc import Mapping

from gateway.edge import Edge
from gateway.form_tokens import Form
from gateway.invitations import invitee
from gateway.pages import Web, header, line, visitor_ip
from rules.ids import stable_id
from rules.links import Invitation
from rules.texts import CONSENT_TEXT, CONSENT_VERSION, consent_sha256
from rules.zones import is_zone
from schemas.sign_ups import SignUp

FORM_VERSION = "join-1"
"""Changes with what the page shows around the consent text."""


def sign_up(
    edge: Edge,
    invitation: Invitation,
    request: Web,
    *,
    fields: Mapping[str, str],
    phone: str,
    form: Form,
) -> SignUp:
    """The record of one Submit; ``phone`` is E.164. A form sent twice gives one ``sign_up_id``.

    A number or person corrected after going back gives another: it would count as a repeat of the wrong one.
    """
    who = invitee(edge.policy, invitation, fields.get("email", ""))
    named = invitation.invitation_id
    what = (named, form.name, phone, who.event_id, who.person_id)
    return SignUp(
        sign_up_id=stable_id(edge.policy.reference_key, "sign_up", *what),
        workspace_id=invitation.workspace_id,
        study_id=invitation.study_id,
        event_id=who.event_id,
        person_id=who.person_id,
        phone=phone,
        phone_typed=line(fields.get("phone", "")),
        at=edge.clock(),
        zone=_zone(fields.get("zone", ""), invitation),
        disclosure_version=CONSENT_VERSION,
        disclosure_sha256=consent_sha256(),
        disclosure_text=CONSENT_TEXT,
        act="submit",
        source_url=line(f"{edge.policy.public_url}/join/{named}"),
        form_version=FORM_VERSION,
        ip=line(visitor_ip(request)),
        user_agent=header(request, "user-agent"),
        locale=header(request, "accept-language"),
    )


def _zone(typed: str, invitation: Invitation) -> str | None:
    """The zone the browser named, else the invitation's; None if neither is one."""
    return next((zone for zone in (typed[:64], invitation.zone) if zone and is_zone(zone)), None)
