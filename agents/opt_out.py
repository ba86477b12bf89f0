"""Replies in; opt-outs are kept before anything else, told to the sender, and answered once."""

from datetime import datetime

from msgspec.structs import replace

from agents.erase import erase_replies
from agents.moment import Moment
from agents.nudge import waiting_texts
from agents.reply_messages import (
    FactOfReply,
    answer_due,
    phone_fact,
    reply_fact,
    state_of,
    texted_cancel,
    wrong_number,
)
from agents.tables import Tables
from rules.consent import is_held, is_stopped
from rules.keywords import Reply, classify
from rules.replies import answer_of, is_silent, texted_last, with_hold, with_seen, with_start, with_stop
from schemas.base import Message
from schemas.erasure import EraseReplies
from schemas.phone_states import StartAsked
from schemas.reasons import Waiting
from schemas.rows import PhoneStops
from schemas.sms import CarrierBlock, HoldOver, InboundSms, ReplyHandled, StartConfirmed


def keep_opt_outs(
    event: InboundSms | ReplyHandled | HoldOver | CarrierBlock | StartConfirmed | EraseReplies,
    tables: Tables,
    moment: Moment,
) -> list[Message]:
    """Do what a reply, the end of a hold or the carrier's refusal means for the phone."""
    stops = tables.opt_outs.get(event.phone_ref) or PhoneStops()
    match event:
        case InboundSms():
            return _reply(event, stops, tables, moment)
        case ReplyHandled():
            return []  # for the records: what staff has read changes nothing for the phone
        case HoldOver():
            return _hold_over(event, stops, tables, moment)
        case CarrierBlock():
            return _carrier_block(event, stops, tables, moment)
        case EraseReplies():
            return erase_replies(event, tables, moment)
        case _:
            return _start_confirmed(event, stops, tables, moment)


def _reply(sms: InboundSms, stops: PhoneStops, tables: Tables, moment: Moment) -> list[Message]:
    known = with_seen(stops, sms)
    if known is None:
        return []
    reply = classify(sms.text, sms.intent)
    event = texted_last(tables.bookings.get(sms.phone_ref))
    known, answer = answer_of(known, reply, sms, event, moment.policy)
    after, messages = _meaning(sms, reply, known, moment)
    tables.opt_outs[sms.phone_ref] = after
    if is_silent(known) and not is_silent(after):
        answer = "start"
        messages += _nudge(sms.phone_ref, tables, "waiting_for_start", "held_unclear")
    if reply.cancel and event is not None:
        messages.append(texted_cancel(sms, reply, event, tables, moment))
    if reply.kind in ("opt_out", "wrong_number"):
        messages += _nudge(sms.phone_ref, tables, "held_unclear")
    return messages + answer_due(sms, answer, event)


def _meaning(
    sms: InboundSms, reply: Reply, stops: PhoneStops, moment: Moment
) -> tuple[PhoneStops, list[Message]]:
    """The row after the reply, and what must be told of it."""
    match reply.kind:
        case "opt_out" | "wrong_number":
            after = with_stop(stops, sms.received_at)
            told = [state_of(sms.phone_ref, after), reply_fact("opted_out", sms, reply.word, moment)]
            return after, [*told, wrong_number(sms, moment)] if reply.kind == "wrong_number" else told
        case "held":
            after = with_hold(stops, sms.received_at, sms.text)
            return after, [state_of(sms.phone_ref, after), reply_fact("held", sms, reply.word, moment)]
        case "opt_in":
            return _opt_in(sms, stops, moment)
        case _:
            return stops, []


def _opt_in(sms: InboundSms, stops: PhoneStops, moment: Moment) -> tuple[PhoneStops, list[Message]]:
    """START asks the carrier's list first, unless a setting waives it where the signature covers the text."""
    if not is_silent(stops):
        return stops, []
    if not moment.policy.start_needs_list and sms.signature == "v3":
        return _started(sms, stops, moment)
    asked = StartAsked(
        phone=sms.phone,
        phone_ref=sms.phone_ref,
        inbound_uuid=sms.inbound_uuid,
        received_at=sms.received_at,
        stop_at=stops.stop_at,
    )
    return replace(stops, asked=sms.inbound_uuid), [asked]


def _started(
    start: InboundSms | StartConfirmed, stops: PhoneStops, moment: Moment
) -> tuple[PhoneStops, list[Message]]:
    """The row after a START that counts, though a stop or hold may outweigh it still."""
    after = with_start(stops, start.received_at)
    kind: FactOfReply = "start_refused" if is_silent(after) else "opted_in"
    return after, [state_of(start.phone_ref, after), reply_fact(kind, start, "START", moment)]


def _start_confirmed(
    event: StartConfirmed, stops: PhoneStops, tables: Tables, moment: Moment
) -> list[Message]:
    if stops.start_at is not None and stops.start_at >= event.received_at:
        return []
    if not event.newer:
        tables.opt_outs[event.phone_ref] = replace(stops, asked=None)
        return [reply_fact("start_refused", event, "START", moment)]
    after, messages = _started(event, stops, moment)
    tables.opt_outs[event.phone_ref] = after
    if is_silent(after):
        return messages
    last = texted_last(tables.bookings.get(event.phone_ref))
    nudged = _nudge(event.phone_ref, tables, "waiting_for_start", "held_unclear")
    return [*messages, *nudged, *answer_due(event, "start", last)]


def _nudge(phone_ref: str, tables: Tables, *reasons: Waiting) -> list[Message]:
    return list(waiting_texts(phone_ref, tables.bookings.get(phone_ref), *reasons))


def _hold_over(event: HoldOver, stops: PhoneStops, tables: Tables, moment: Moment) -> list[Message]:
    """No answer to our question: the sentence stands as an opt-out, from when it came.

    So a START that came since, which the carrier's list has yet to show, still outweighs it.
    """
    if stops.hold_at != event.hold_at or not is_held(stops) or is_stopped(stops):
        return []
    after = with_stop(stops, event.hold_at)
    tables.opt_outs[event.phone_ref] = after
    fact = phone_fact(
        "opted_out", event.phone_ref, event.hold_at, moment, source="no_answer", evidence=stops.hold_words
    )
    return [state_of(event.phone_ref, after), fact, *_nudge(event.phone_ref, tables, "held_unclear")]


def _carrier_block(event: CarrierBlock, stops: PhoneStops, tables: Tables, moment: Moment) -> list[Message]:
    """The carrier refused because of a STOP that we may not have seen; a START since then outweighs it."""
    if stops.stop_at is not None and stops.stop_at >= event.posted_at:
        return []
    after = with_stop(stops, event.posted_at, by_carrier=True)
    tables.opt_outs[event.phone_ref] = after
    fact = phone_fact("carrier_blocked", event.phone_ref, event.posted_at, moment, source="carrier")
    return [state_of(event.phone_ref, after), fact]


def stop_unread(phone_ref: str, at: datetime, tables: Tables, moment: Moment) -> list[Message]:
    """A reply that nobody can read, but that may say STOP: the phone is opted out as of ``at``."""
    stops = tables.opt_outs.get(phone_ref) or PhoneStops()
    after = with_stop(stops, at)
    tables.opt_outs[phone_ref] = after
    fact = phone_fact("opted_out", phone_ref, at, moment, source="unread_reply")
    return [state_of(phone_ref, after), fact, *_nudge(phone_ref, tables, "held_unclear")]
