"""Whom an invitation is for: the ids that Submit fixes, and the way back to upstream."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import msgspec

from gateway.posted import NewInvitation
from rules.ids import stable_id
from rules.links import TOKEN_MAX, Invitation, SignedReturn, sign
from rules.policy import Policy
from rules.refused import Refused
from rules.zones import is_zone
from schemas.base import At, Id

RETURN_PARAMETER = "sign_up"


@dataclass(frozen=True)
class Invitee:
    """Event and person of a sign-up."""

    event_id: str
    person_id: str


class Invited(msgspec.Struct, frozen=True, kw_only=True):
    """An invitation to hand out. Nothing is stored: the address holds it, signed."""

    url: str
    invitation_id: Id
    expires_at: At


def invited(policy: Policy, wanted: NewInvitation, *, named: str, now: datetime, valid: timedelta) -> Invited:
    """The link to hand out; ``named`` and ``valid`` count where it names no id or end. Raises ``Refused``."""
    if wanted.zone is not None and not is_zone(wanted.zone):
        raise Refused("zone", "not an IANA time zone")
    given = {name: value for name, value in msgspec.structs.asdict(wanted).items() if value is not None}
    defaults = {"invitation_id": named, "expires_at": now + valid, "public": wanted.person_id is None}
    invitation = Invitation(**{**defaults, **given})
    token = sign(policy.link_key, invitation, "invitation")
    if len(token) > TOKEN_MAX:
        raise Refused("return_url", "too long for an address: shorten it, or the names")
    return Invited(
        url=f"{policy.public_url}/join/{token}",
        invitation_id=invitation.invitation_id,
        expires_at=invitation.expires_at,
    )


def asks_who(invitation: Invitation) -> bool:
    """Whether the page must ask name and e-mail: nobody in particular was invited."""
    return invitation.public or invitation.person_id is None


def invitee(policy: Policy, invitation: Invitation, email: str) -> Invitee:
    """The invitation's own ids; in their absence keyed hashes of the invitation and the person or e-mail."""
    key, named = policy.reference_key, invitation.invitation_id
    person_id = invitation.person_id
    if asks_who(invitation) or person_id is None:
        who = email.strip().casefold()
        return Invitee(stable_id(key, "event", named, who), stable_id(key, "person", named, who))
    return Invitee(invitation.event_id or stable_id(key, "event", named, person_id), person_id)


def return_url(
    policy: Policy, invitation: Invitation, who: Invitee, now: datetime, valid: timedelta
) -> str | None:
    """Where upstream wants the visitor back, with what was fixed, signed; None if it named no address."""
    if invitation.return_url is None:
        return None
    fixed = SignedReturn(
        invitation_id=invitation.invitation_id,
        workspace_id=invitation.workspace_id,
        study_id=invitation.study_id,
        event_id=who.event_id,
        person_id=who.person_id,
        expires_at=now + valid,
    )
    parts = urlsplit(invitation.return_url)
    query = [*parse_qsl(parts.query, keep_blank_values=True)]
    query.append((RETURN_PARAMETER, sign(policy.link_key, fixed, "return")))
    return urlunsplit(parts._replace(query=urlencode(query)))


def origin(url: str | None) -> str:
    """Scheme, host and port of an address, for a Content-Security-Policy; empty for none or an odd one."""
    match = re.match(r"https?://(?:[^/?#]*@)?([A-Za-z0-9.-]+(?::[0-9]+)?)(?=[/?#]|$)", url or "")
    return f"{urlsplit(url or '').scheme}://{match[1]}" if match else ""
