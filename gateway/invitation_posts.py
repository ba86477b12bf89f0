"""Invitations for upstream: make one, and read what the sign-up page brought back."""

from datetime import timedelta
from typing import Any

from litestar import Request, post
from litestar.di import NamedDependency

from gateway.api_document import ERRORS, TAKES_INVITATION, TAKES_RETURN
from gateway.auth import Caller
from gateway.bodies import read_one
from gateway.edge import Edge
from gateway.invitations import Invited, invited
from gateway.posted import NewInvitation, Returned
from gateway.problems import FieldError, Refusal
from rules.links import SignedReturn, unsign
from rules.refused import Refused

Web = Request[Any, Any, Any]


@post("/invitations", status_code=201, operation_class=TAKES_INVITATION, responses=ERRORS)
async def post_invitation(
    request: Web, edge: NamedDependency[Edge], caller: NamedDependency[Caller]
) -> Invited:
    """Make an invitation: personal with a ``person_id``, else public (the page asks name and e-mail)."""
    wanted = read_one(await request.body(), NewInvitation)
    caller.check("bookings", wanted.workspace_id)
    valid = timedelta(seconds=edge.config.invitation_valid_s)
    try:
        return invited(edge.policy, wanted, named=edge.random_name(), now=edge.clock(), valid=valid)
    except Refused as refused:
        error = FieldError(field=refused.field, reason=refused.reason)
        raise Refusal(422, "nothing was made", [error]) from None


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
