"""The sign-up page as a visitor sees it, and where it sends them."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from litestar import Response

from gateway import pages
from gateway.consent_words import consent_parts, country_name, served_names, spelled
from gateway.edge import Edge
from gateway.fields import Typed, home_region
from gateway.form_tokens import Form, form_token
from gateway.invitations import asks_who, invitee, origin, return_url
from rules.links import Invitation
from rules.texts import CONSENT_HEADING, CONSENT_VERSION, when
from rules.zones import is_zone

Page = Response[str] | Response[bytes]


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One request for an invitation that counts."""

    edge: Edge
    token: str
    invitation: Invitation
    sms_on: bool


def show_form(
    visit: Visit, typed: Typed, form: Form, *, status: int = 200, notice: str = ""
) -> Response[str]:
    """The form with what was typed and what is wrong with it; ``notice`` says what else went wrong."""
    edge, invitation = visit.edge, visit.invitation
    asks = asks_who(invitation)
    return pages.page(
        "join.html",
        status,
        sends_to=origin(invitation.return_url),
        invitation=invitation,
        starts=_starts(visit),
        asks_who=asks,
        sms_on=visit.sms_on,
        typed=typed,
        notice=notice,
        form=form_token(edge.policy.link_key, visit.token, CONSENT_VERSION, form),
        consent=consent_parts(edge.config),
        consent_heading=CONSENT_HEADING,
        number=spelled(edge.config.sender_number),
        home=country_name(home_region(edge.config.countries)),
        served=served_names(edge.policy.countries),
        contact=edge.config.support_contact,
        onward=None if asks or visit.sms_on else _onward(visit, typed),
    )


def show_done(visit: Visit, typed: Typed) -> Page:
    """Back to upstream, or thanks where it named no address."""
    onward = _onward(visit, typed)
    if onward is not None:
        safe = quote(onward, safe=":/?#[]@!$&'()*+,;=%~")
        return Response(b"", status_code=303, headers={**pages.PRIVATE, "Location": safe})
    return pages.message(200, "Thank you, you are signed up", "You can close this page.")


def _onward(visit: Visit, typed: Typed) -> str | None:
    policy, invitation = visit.edge.policy, visit.invitation
    who = invitee(policy, invitation, typed.email)
    valid = timedelta(seconds=visit.edge.config.form_valid_s)
    return return_url(policy, invitation, who, visit.edge.clock(), valid)


def _starts(visit: Visit) -> dict[str, Any] | None:
    invitation = visit.invitation
    if invitation.starts_at is None:
        return None
    zone = invitation.zone if invitation.zone and is_zone(invitation.zone) else visit.edge.policy.default_zone
    return {"iso": invitation.starts_at.isoformat(), "text": when(invitation.starts_at, zone)}
