"""The manage page behind the link in every text: the booking, and two ways to silence the phone."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.params import FromPath

from gateway import counters, pages
from gateway.edge import Edge
from gateway.form_tokens import Form, read_form_token
from gateway.forms import BODY_MAX_BYTES, read_pairs
from gateway.limits import block_of
from gateway.lookup import ManagedEvent, RecordsAway
from gateway.manage_page import FORM_VERSION, show_booking, show_removed, show_stopped
from gateway.pages import Web
from gateway.replies import take_reply
from gateway.withdrawals import withdraw
from rules.ids import stable_id
from rules.intake import consent_input
from rules.links import token_matches
from schemas.consent import ConsentChange, ConsentEnded
from schemas.sms import InboundSms

log = structlog.get_logger()
REPLY_STOP = "To stop all texts, reply STOP to any of them: that works at once."
Button = Callable[[Edge, ManagedEvent, str], Awaitable[bool]]


@get("/{token:str}", include_in_schema=False)
async def show(request: Web, token: FromPath[str], edge: NamedDependency[Edge]) -> Response[str]:
    """The booking and the buttons. Opening the page changes nothing: link previews open it too."""
    event = await _event(request, edge, token)
    if isinstance(event, Response):
        return event
    try:
        hosts = await edge.records.setting(event.workspace_id, None, "allowed_hosts")
    except RecordsAway:
        hosts = None
    return show_booking(edge, token, event, hosts)


@post("/{token:str}/remove", status_code=200, include_in_schema=False)
async def remove(request: Web, token: FromPath[str], edge: NamedDependency[Edge]) -> Response[str]:
    """End the consents of this person for this phone in this workspace."""
    event = await _pressed(request, token, edge, _withdraw)
    return event if isinstance(event, Response) else show_removed(edge, event)


@post("/{token:str}/stop", status_code=200, include_in_schema=False)
async def stop(request: Web, token: FromPath[str], edge: NamedDependency[Edge]) -> Response[str]:
    """Do what a STOP from this phone does."""
    event = await _pressed(request, token, edge, _stop)
    return event if isinstance(event, Response) else show_stopped(edge, event)


async def _event(request: Web, edge: Edge, token: str) -> ManagedEvent | Response[str]:
    """The event of a link, or the page that says why there is none; guessing links is slow."""
    ip = block_of(pages.visitor_ip(request))
    if edge.limits.wrong_links.wait(ip, edge.clock()) is not None:
        counters.LIMITED.labels("wrong_link").inc()
        again = "Please try again in an hour, with the link of a text."
        return pages.message(429, "Too many tries", again, REPLY_STOP)
    try:
        event = None if pages.has_controls(token) else await edge.records.event_of_token(token)
    except RecordsAway:
        return pages.try_again("Your booking can't be shown just now.", REPLY_STOP)
    key = edge.policy.link_key
    if event and token_matches(key, token, event.workspace_id, event.event_id, event.phone_ref):
        return event
    edge.limits.wrong_links.count(ip, edge.clock())
    return pages.message(
        404,
        "This link does not work any more",
        "Please check that you have the whole link from the latest text.",
        REPLY_STOP,
    )


async def _pressed(request: Web, token: str, edge: Edge, button: Button) -> ManagedEvent | Response[str]:
    """The event after its button did its work, or the page that says why it could not."""
    event = await _event(request, edge, token)
    if isinstance(event, Response):
        return event
    if pages.is_cross_site(request):
        return show_booking(edge, token, event, None, status=409)
    fields = dict(read_pairs(await request.body()) or ())
    taken = await button(edge, event, _press(edge, token, fields.get("form", "")))
    counters.PAGES.labels("manage", "taken" if taken else "kept").inc()
    return event


def _press(edge: Edge, token: str, given: str) -> str:
    """A name for this press: that of the form, so that a double click is one. An odd form still counts."""
    valid = timedelta(seconds=edge.config.form_valid_s)
    form = read_form_token(edge.policy.link_key, token, FORM_VERSION, given, now=edge.clock(), valid=valid)
    name = form.name if isinstance(form, Form) else edge.random_name()
    return stable_id(edge.policy.reference_key, "press", token, name)


async def _withdraw(edge: Edge, event: ManagedEvent, press: str) -> bool:
    now = edge.clock()
    change = ConsentChange(
        message_id=f"page-remove-{press}",
        action="withdraw",
        source="manage_page",
        workspace_id=event.workspace_id,
        person_id=event.person_id,
        phone=event.phone,
        at=now,
    )
    ended = consent_input(change, edge.policy, now)
    return isinstance(ended, ConsentEnded) and await withdraw(edge, change, ended)


async def _stop(edge: Edge, event: ManagedEvent, press: str) -> bool:
    sms = InboundSms(
        inbound_uuid=f"page-stop-{press}",
        phone=event.phone,
        phone_ref=event.phone_ref,
        text="STOP",
        intent="",
        signature="page",
        received_at=edge.clock(),
    )
    return await take_reply(edge, sms)


routes = Router(
    "/m",
    route_handlers=[show, remove, stop],
    request_max_body_size=BODY_MAX_BYTES,
    exception_handlers={HTTPException: pages.http_error, Exception: pages.unexpected},
)
