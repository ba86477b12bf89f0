"""Invitations for upstream: make one, and read what the sign-up page brought back."""

from datetime import timedelta
from typing import Any

import msgspec
from litestar import Request, post
from litestar.di import NamedDependency

from gateway.api_document import ERRORS, TAKES_INVITATION, TAKES_RETURN
from gateway.auth import Caller
from gateway.bodies import read_one
from gateway.edge import Edge
from gateway.posted import NewInvitation, Returned
from gateway.problems import FieldError, Refusal
from rules.links import TOKEN_MAX, Invitation, SignedReturn, sign, unsign
from rules.zones import is_zone
from schemas.base import At, Id

Web = Request[Any, Any, Any]


class Invited(msgspec.Struct, frozen=True, kw_only=True):
    """An invitation to hand out. Nothing is stored: the address holds it, signed."""

    url: str
    invitation_id: Id
    expires_at: At


@post("/invitations", status_code=201, operation_class=TAKES_INVITATION, responses=ERRORS)
async def post_invitation(
    request: Web, edge: NamedDependency[Edge], caller: NamedDependency[Caller]
) -> Invited:
    """Make an invitation: personal with a ``person_id``, else public (the page asks name and e-mail)."""
    wanted = read_one(await request.body(), NewInvitation)
    caller.check("bookings", wanted.workspace_id)
    if wanted.zone is not None and not is_zone(wanted.zone):
        raise Refusal(422, "nothing was made", [FieldError(field="zone", reason="not an IANA time zone")])
    invitation = _invitation(edge, wanted)
    token = sign(edge.policy.link_key, invitation, "invitation")
    if len(token) > TOKEN_MAX:
        raise Refusal(422, "the invitation is too long for an address: shorten its names or return_url")
    return Invited(
        url=f"{edge.policy.public_url}/join/{token}",
        invitation_id=invitation.invitation_id,
        expires_at=invitation.expires_at,
    )


def _invitation(edge: Edge, wanted: NewInvitation) -> Invitation:
    given = {name: value for name, value in msgspec.structs.asdict(wanted).items() if value is not None}
    later = edge.clock() + timedelta(seconds=edge.config.invitation_valid_s)
    defaults = {"invitation_id": edge.random_name(), "expires_at": later, "public": wanted.person_id is None}
    return Invitation(**{**defaults, **given})


@post("/returns", status_code=200, operation_class=TAKES_RETURN, responses=ERRORS)
async def post_return(
    request: Web, edge: NamedDependency[Edge], caller: NamedDependency[Caller]
) -> SignedReturn:
    """What Submit fixed, from the ``sign_up`` parameter of a ``return_url``: use both ids in the booking."""
    returned = read_one(await request.body(), Returned)
    fixed = unsign(edge.policy.link_key, returned.sign_up, "return", edge.clock(), SignedReturn)
    if not isinstance(fixed, SignedReturn):
        raise Refusal(422, "this does not count", [FieldError(field="sign_up", reason=fixed)])
    caller.check("bookings", fixed.workspace_id)
    return fixed
