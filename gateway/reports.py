"""A genuine status webhook, from form fields to a delivery report for the sender that tried."""

from collections.abc import Mapping
from typing import Literal

import structlog

from carrier.webhooks import StatusForm, read_status
from gateway import counters
from gateway.dead_letters import dead_letter
from gateway.edge import Edge
from gateway.handing import hand_over
from gateway.inbound import ID
from schemas.base import Message
from schemas.sms import DeliveryReport

log = structlog.get_logger()
Outcome = Literal["taken", "unreadable", "not_taken"]
NUMBER_MAX = 2**53
WORD_MAX = 64


async def take_report(
    edge: Edge, form: Mapping[str, str], raw: bytes, named: tuple[str, int, int]
) -> Outcome:
    """Pass a report on. ``named`` is text id, attempt and partition, from the path."""
    _watch_requester(edge, form)
    report = _report(edge, form, named)
    message: Message = report or dead_letter("status", raw, "MessageUUID or Status: missing", edge.clock())
    if not await hand_over(edge, [message]):
        return "not_taken"
    return "taken" if report else "unreadable"


def _watch_requester(edge: Edge, form: Mapping[str, str]) -> None:
    """Alert on a text that was sent with our account and not by us."""
    ours = {part.strip() for part in edge.config.our_addresses.split(",") if part.strip()}
    if ours and form.get("requester_ip", "") not in {"", *ours}:
        counters.LIMITED.labels("foreign_requester").inc()
        log.error("foreign_requester", alert=True)


def _report(edge: Edge, form: Mapping[str, str], named: tuple[str, int, int]) -> DeliveryReport | None:
    """The report, or None if the form names no message or no status. Unknown statuses pass."""
    text_id, attempt, partition = named
    try:
        read: StatusForm = read_status(form)
    except KeyError:
        return None
    if not ID.fullmatch(read.carrier_uuid) or not read.status or partition >= edge.policy.partitions:
        return None
    return DeliveryReport(
        text_id=text_id,
        attempt=attempt,
        partition=partition,
        carrier_uuid=read.carrier_uuid,
        status=read.status[:WORD_MAX],
        sequence=_bounded(read.sequence),
        error_code=read.error_code[:WORD_MAX],
        units=_bounded(read.units),
        received_at=edge.clock(),
    )


def _bounded(number: int | None) -> int | None:
    return number if number is not None and number < NUMBER_MAX else None
