"""The manage page as a participant sees it."""

from datetime import datetime, time, timedelta

from litestar import Response

from gateway import pages
from gateway.consent_words import spelled
from gateway.edge import Edge
from gateway.form_tokens import Form, form_token
from gateway.lookup import ManagedEvent
from gateway.outside_links import allowed_link
from rules.texts import when
from rules.zones import is_zone, zone_info
from schemas.settings import Value

FORM_VERSION = "manage-1"
UNCHANGED = "Your booking is not changed: nothing is cancelled."


def show_booking(
    edge: Edge, token: str, event: ManagedEvent, hosts: Value | None, *, status: int = 200
) -> Response[str]:
    """The booking, as long as it may be seen, and the buttons, which stay."""
    zone = _zone(edge, event)
    shown = event.is_current and edge.clock() < day_after_ends(event.starts_at, zone)
    return pages.page(
        "manage.html",
        status,
        token=token,
        form=form_token(edge.policy.link_key, token, FORM_VERSION, Form(edge.random_name(), edge.clock())),
        event=event if shown else None,
        workspace_name=event.workspace_name,
        when=when(event.starts_at, zone),
        join_url=allowed_link(event.join_url, hosts),
        manage_url=allowed_link(event.manage_url, hosts),
        ending=event.phone[-2:],
        contact=edge.config.support_contact,
        privacy_url=edge.config.privacy_url,
        terms_url=edge.config.terms_url,
    )


def show_removed(edge: Edge, event: ManagedEvent) -> Response[str]:
    """After "Remove my number"."""
    return pages.message(
        200,
        "Your number is removed",
        f"{event.workspace_name} will not text the number ending in {event.phone[-2:]} any more.",
        UNCHANGED,
        f"Questions? {edge.config.support_contact}",
    )


def show_stopped(edge: Edge, event: ManagedEvent) -> Response[str]:
    """After "Stop all texts"."""
    return pages.message(
        200,
        "All texts are stopped",
        f"The number ending in {event.phone[-2:]} will get no more texts from us, whoever invites you.",
        f"To get texts again, text START to {spelled(edge.config.sender_number)} from your phone.",
        UNCHANGED,
    )


def day_after_ends(starts_at: datetime, zone: str) -> datetime:
    """The midnight that ends the day after the interview, in its zone."""
    local = starts_at.astimezone(zone_info(zone))
    return datetime.combine(local.date() + timedelta(days=2), time(), local.tzinfo)


def _zone(edge: Edge, event: ManagedEvent) -> str:
    return event.zone if event.zone and is_zone(event.zone) else edge.policy.default_zone
