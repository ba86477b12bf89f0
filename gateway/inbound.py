"""A genuine inbound webhook, from form fields to a reply. What holds a STOP is never parked unread."""

import hashlib
import re
from collections.abc import Mapping
from typing import Literal

import structlog

from carrier.webhooks import InboundForm, read_inbound
from gateway.dead_letters import dead_letter
from gateway.edge import Edge
from gateway.handing import hand_over
from gateway.replies import take_reply
from rules.ids import phone_ref
from rules.keywords import classify, contains_opt_out
from schemas.sms import InboundSms, Intent

log = structlog.get_logger()
Outcome = Literal["taken", "not_ours", "unreadable", "not_taken"]
TEXT_MAX = 4096
E164 = re.compile(r"\+[1-9][0-9]{6,14}")
ID = re.compile(r"[!-.0-{}~]{1,128}")
"""Visible ASCII but ``/`` and ``|``: an id as our schemas allow it."""


async def take_inbound(
    edge: Edge, form: Mapping[str, str], raw: bytes, signature: Literal["v3", "v2"]
) -> Outcome:
    """Take a reply to our number; what comes from no number goes to the dead letters."""
    reply = read_inbound({**form, "MessageUUID": _name(form.get("MessageUUID", ""), raw)})
    if reply.to != edge.config.sender_number:
        if classify(reply.text, reply.intent).kind == "opt_out":
            log.error("opt_out_to_another_number", alert=True)
        return "not_ours"
    if reply.sender is None or not E164.fullmatch(reply.sender):
        if contains_opt_out(raw):
            log.error("opt_out_of_no_phone", alert=True)
        letter = dead_letter("inbound", raw, "From: not a phone number", edge.clock())
        return "unreadable" if await hand_over(edge, [letter]) else "not_taken"
    sms = _reply(edge, reply, reply.sender, signature)
    return "taken" if await take_reply(edge, sms) else "not_taken"


def _name(given: str, raw: bytes) -> str:
    """The carrier's id; without a usable one, what the request itself says: repeats are still known."""
    return given if ID.fullmatch(given) else f"unnamed-{hashlib.sha256(raw).hexdigest()[:40]}"


def _reply(edge: Edge, form: InboundForm, phone: str, signature: Literal["v3", "v2"]) -> InboundSms:
    return InboundSms(
        inbound_uuid=form.inbound_uuid,
        phone=phone,
        phone_ref=phone_ref(edge.policy.reference_key, phone),
        text=_bounded(form.text, form.intent),
        intent=form.intent,
        signature=signature,
        received_at=edge.clock(),
    )


def _bounded(text: str, intent: Intent) -> str:
    """The text, cut to what a record may hold; an opt-out that the cut would lose becomes the bare word."""
    cut = text[:TEXT_MAX]
    if len(text) > TEXT_MAX and classify(text, intent).kind == "opt_out" != classify(cut, intent).kind:
        log.error("long_opt_out", alert=True)
        return "STOP"
    return cut
