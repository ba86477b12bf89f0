"""What a participant's text does to their phone, and which answer it gets. STOP wins every doubt."""

from datetime import datetime, timedelta
from typing import Literal

from msgspec.structs import replace

from rules.consent import is_held, is_stopped, outweighs
from rules.keywords import Reply
from rules.policy import Policy
from schemas.rows import PhoneRow, PhoneStops
from schemas.sms import InboundSms

Answer = Literal["stop", "start", "help", "unclear", "other"]
SEEN_KEPT = 64
HOLD_WORDS_KEPT = 200


def with_seen(stops: PhoneStops, sms: InboundSms) -> PhoneStops | None:
    """The row that knows this text; None if it knew it already (the carrier repeats its webhooks)."""
    if sms.inbound_uuid in stops.seen:
        return None
    kept = list(stops.seen.items())[-(SEEN_KEPT - 1) :]
    return replace(stops, phone=sms.phone, seen={**dict(kept), sms.inbound_uuid: sms.received_at})


def with_stop(stops: PhoneStops, at: datetime, *, by_carrier: bool = False) -> PhoneStops:
    """The row after an opt-out received at ``at``; an earlier one than known changes nothing."""
    latest = at if stops.stop_at is None else max(stops.stop_at, at)
    return replace(stops, stop_at=latest, by_carrier=by_carrier and not is_stopped(stops))


def with_start(stops: PhoneStops, at: datetime) -> PhoneStops:
    """The row after a START received at ``at``, which a later or equal stop or hold still outweighs."""
    after = replace(stops, start_at=at if stops.start_at is None else max(stops.start_at, at), asked=None)
    return after if is_silent(after) else replace(after, by_carrier=False, hold_words="")


def is_silent(stops: PhoneStops) -> bool:
    """Whether the phone gets no planned text now: stopped or held."""
    return is_stopped(stops) or is_held(stops)


def with_hold(stops: PhoneStops, at: datetime, words: str) -> PhoneStops:
    """The row after a reply that may mean STOP."""
    return replace(
        stops,
        hold_at=at if stops.hold_at is None else max(stops.hold_at, at),
        hold_words=words[:HOLD_WORDS_KEPT],
    )


def carrier_answers(policy: Policy, sms: InboundSms) -> bool:
    """Whether the carrier has answered this text itself."""
    if policy.carrier_auto_replies == "auto":
        return sms.intent in ("optout", "help")
    return policy.carrier_auto_replies == "always"


def answer_of(
    stops: PhoneStops, reply: Reply, sms: InboundSms, event: str | None, policy: Policy
) -> tuple[PhoneStops, Answer | None]:
    """The answer to a text, and the row that knows of it; ``stops`` is the row before the text counted.

    None where the carrier gave it or enough were given. A silent phone hears no more than the one
    confirmation or question that it got, but for HELP.
    """
    match reply.kind:
        case "opt_out":
            return _once(stops, sms, policy)
        case "help":
            return _help(stops, sms, policy)
        case "held" if not is_silent(stops) and not carrier_answers(policy, sms):
            return stops, "unclear"
        case "other" if not is_silent(stops):
            return _other(stops, event)
        case _:
            return stops, None


def _once(stops: PhoneStops, sms: InboundSms, policy: Policy) -> tuple[PhoneStops, Answer | None]:
    """One confirmation of an opt-out, however often it is repeated; START makes the next one another.

    None for the button of the manage page: the page itself confirmed it.
    """
    last = stops.stop_answered_at
    recent = last is not None and sms.received_at - last < policy.one_stop_answer_in
    told = sms.signature == "page" or carrier_answers(policy, sms)
    if told or recent or outweighs(last, stops.start_at):
        return stops, None
    return replace(stops, stop_answered_at=sms.received_at), "stop"


def _help(stops: PhoneStops, sms: InboundSms, policy: Policy) -> tuple[PhoneStops, Answer | None]:
    hour = tuple(at for at in stops.help_answered_at if sms.received_at - at < timedelta(hours=1))
    if len(hour) >= policy.help_answers_per_hour or carrier_answers(policy, sms):
        return stops, None
    return replace(stops, help_answered_at=(*hour, sms.received_at)), "help"


def _other(stops: PhoneStops, event: str | None) -> tuple[PhoneStops, Answer | None]:
    """The first other reply of an event gets one answer; of no event, the first of all."""
    name = event or ""
    if name in stops.other_answered:
        return stops, None
    return replace(stops, other_answered=(*stops.other_answered[-(SEEN_KEPT - 1) :], name)), "other"


def texted_last(row: PhoneRow | None) -> str | None:
    """The key of the event whose text was released last: a reply belongs to it."""
    last = max(
        (
            (text.released_at, key)
            for key, event in (row.events.items() if row else ())
            for text in event.texts.values()
            if text.released_at is not None
        ),
        default=None,
    )
    return None if last is None else last[1]
