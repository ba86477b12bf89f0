"""The sign-up page: an invitation opens it, Submit records consent and phone in one record."""

import math
from datetime import timedelta

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.params import FromPath

from gateway import counters, pages
from gateway.edge import Edge
from gateway.fields import PhoneCheck, Typed, check_phone, home_region, read_fields
from gateway.form_tokens import Form, read_form_token
from gateway.forms import BODY_MAX_BYTES, read_pairs
from gateway.handing import hand_over
from gateway.invitations import asks_who
from gateway.join_page import Page, Visit, show_done, show_form
from gateway.lookup import RecordsAway
from gateway.pages import Web
from gateway.sign_up_limits import too_many
from gateway.sign_ups import sign_up
from gateway.switches import texts_are_on
from rules.links import Invitation, unsign
from rules.texts import CONSENT_VERSION

AGAIN = "The page was open for long or has changed. Please check it and press Submit again."
TOO_MANY = "Too many sign-ups like this one came. Nothing was recorded. Please try again in {when}."
NOT_RECORDED = "Your sign-up could not be recorded just now. Please press Submit again."


@get("/{token:str}", include_in_schema=False)
async def show(token: FromPath[str], edge: NamedDependency[Edge]) -> Page:
    """The form; showing it records nothing."""
    visit = await _visit(edge, token)
    if isinstance(visit, Response):
        return visit
    return show_form(visit, Typed(), _fresh(edge))


@post("/{token:str}", status_code=200, include_in_schema=False)
async def submit(request: Web, token: FromPath[str], edge: NamedDependency[Edge]) -> Page:
    """Record the sign-up, or show the form again with what is wrong."""
    visit = await _visit(edge, token)
    if isinstance(visit, Response):
        return visit
    fields = dict(read_pairs(await request.body()) or ())
    found = _check(edge, fields.get("phone", "")) if visit.sms_on else None
    typed = read_fields(
        fields, asks_who=asks_who(visit.invitation), phone_reason=found.reason if found else ""
    )
    form = _shown(edge, token, fields.get("form", ""))
    if form is None or pages.is_cross_site(request):
        return show_form(visit, typed, _fresh(edge), status=409, notice=AGAIN)
    if typed.errors:
        return show_form(visit, typed, form, status=422)
    if found is not None and found.phone is not None:
        record = sign_up(edge, visit.invitation, request, fields=fields, phone=found.phone, form=form)
        wait = too_many(edge, visit.invitation, record)
        if wait is not None:
            return show_form(visit, typed, form, status=429, notice=TOO_MANY.format(when=_in_hours(wait)))
        if not await hand_over(edge, [record]):
            return show_form(visit, typed, form, status=503, notice=NOT_RECORDED)
    counters.PAGES.labels("join", "recorded" if found else "sms_off").inc()
    return show_done(visit, typed)


def _in_hours(wait: timedelta) -> str:
    hours = math.ceil(wait / timedelta(hours=1))
    return "an hour" if hours == 1 else f"{hours} hours"


def _shown(edge: Edge, token: str, given: str) -> Form | None:
    """The form that was sent, if we showed it for this invitation with these words, not too long ago."""
    valid = timedelta(seconds=edge.config.form_valid_s)
    form = read_form_token(_key(edge), token, CONSENT_VERSION, given, now=edge.clock(), valid=valid)
    return form if isinstance(form, Form) else None


@post("/check", status_code=200, include_in_schema=False)
async def check(request: Web, edge: NamedDependency[Edge]) -> Response[bytes]:
    """What a number is, as it is typed. In a body: addresses end up in logs."""
    fields = dict(read_pairs(await request.body()) or ())
    found = _check(edge, fields.get("phone", ""))
    content = {"ok": found.phone is not None, "reason": found.reason, "served": found.served}
    return Response(msgspec.json.encode(content), media_type="application/json", headers=pages.PRIVATE)


async def _visit(edge: Edge, token: str) -> Visit | Response[str]:
    invitation = unsign(_key(edge), token, "invitation", edge.clock(), Invitation)
    if invitation == "expired":
        return pages.message(410, "This invitation has ended", "Please ask for a new link.")
    if not isinstance(invitation, Invitation):
        return pages.message(404, "This link does not work", "Please check that you have the whole link.")
    try:
        sms_on = await texts_are_on(edge.records, invitation.workspace_id, invitation.study_id)
    except RecordsAway:
        return pages.try_again("Signing up does not work just now.")
    return Visit(edge=edge, token=token, invitation=invitation, sms_on=sms_on)


def _check(edge: Edge, typed: str) -> PhoneCheck:
    return check_phone(typed, home_region(edge.config.countries), edge.policy.countries)


def _fresh(edge: Edge) -> Form:
    return Form(edge.random_name(), edge.clock())


def _key(edge: Edge) -> bytes:
    return edge.policy.link_key


routes = Router(
    "/join",
    route_handlers=[show, check, submit],
    request_max_body_size=BODY_MAX_BYTES,
    exception_handlers={HTTPException: pages.http_error, Exception: pages.unexpected},
)
