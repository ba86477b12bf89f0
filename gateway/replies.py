"""A reply of a participant: a STOP silences the phone before anything else, whoever is away."""

from datetime import datetime

import structlog
from msgspec.structs import replace

from gateway.drain import Halt
from gateway.edge import Edge
from gateway.flags import AWAY, Flag
from gateway.handing import hand_over_or_keep
from rules.keywords import classify
from schemas.sms import InboundSms

log = structlog.get_logger()


async def take_reply(edge: Edge, sms: InboundSms) -> bool:
    """Whether Kafka has the reply. If not it is on disk; the flag of an opt-out stands either way."""
    sms = replace(sms, received_at=await _first_receipt(edge, sms))
    silence(edge, sms)
    return await hand_over_or_keep(edge, sms.inbound_uuid, sms)


def flag_of(sms: InboundSms) -> Flag | None:
    """The flag that the reply means: an opt-out stops the phone, an unclear one holds it."""
    match classify(sms.text, sms.intent).kind:
        case "opt_out" | "wrong_number":
            return Flag(name="stop", phone_ref=sms.phone_ref, at=sms.received_at)
        case "held":
            return Flag(name="hold", phone_ref=sms.phone_ref, at=sms.received_at)
        case _:
            return None


def halt_of_reply(sms: InboundSms) -> Halt | None:
    """What an opt-out sets going; None for any other reply."""
    flag = flag_of(sms)
    if flag is None or flag.name != "stop":
        return None
    source = "manage_page" if sms.signature == "page" else "reply"
    return Halt(flag=flag, cause_id=sms.inbound_uuid, source=source, accepted_at=sms.received_at)


def silence(edge: Edge, sms: InboundSms) -> None:
    """Raise the flag that the reply means, if it means one; goes on in the background."""
    flag, halt = flag_of(sms), halt_of_reply(sms)
    if halt is not None:
        edge.drains.halt(halt)
    elif flag is not None:
        edge.drains.hold(flag)


async def _first_receipt(edge: Edge, sms: InboundSms) -> datetime:
    """When this reply first came: a repeat of a STOP must not outweigh a START that came in between."""
    try:
        return await edge.flags.first_receipt(sms.inbound_uuid, sms.received_at)
    except AWAY as error:
        log.warning("receipt_not_remembered", error=type(error).__name__)
    kept = await edge.spool.find(sms.inbound_uuid)
    return kept.received_at if isinstance(kept, InboundSms) else sms.received_at
