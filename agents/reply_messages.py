"""What a reply makes us tell: facts for the ledger, states for the sender, answers, notices."""

from datetime import datetime
from typing import Literal

from agents.moment import Moment
from agents.tables import Tables
from rules.ids import stable_id
from rules.keywords import Reply
from rules.replies import HOLD_WORDS_KEPT, Answer
from schemas.base import Message
from schemas.bookings import ReplyDue
from schemas.consent import ConsentEnded
from schemas.ledger import ConsentFact
from schemas.notices import Notice
from schemas.phone_states import StopState
from schemas.rows import PhoneStops
from schemas.sms import InboundSms, StartConfirmed

FactOfReply = Literal["opted_out", "held", "opted_in", "start_refused", "carrier_blocked"]


def state_of(phone_ref: str, stops: PhoneStops) -> StopState:
    """The row's facts for the sender."""
    return StopState(
        phone_ref=phone_ref, stop_at=stops.stop_at, start_at=stops.start_at, hold_at=stops.hold_at
    )


def reply_fact(kind: FactOfReply, sms: InboundSms | StartConfirmed, word: str, moment: Moment) -> ConsentFact:
    """A fact that a text of the participant brought."""
    return ConsentFact(
        fact_id=stable_id(moment.policy.reference_key, kind, sms.inbound_uuid),
        kind=kind,
        phone_ref=sms.phone_ref,
        source="manage_page" if isinstance(sms, InboundSms) and sms.signature == "page" else "reply",
        words=word[:200],
        evidence_digest=_digest(sms.text, moment) if isinstance(sms, InboundSms) else "",
        inbound_uuid=sms.inbound_uuid,
        at=sms.received_at,
    )


def _digest(words: str, moment: Moment) -> str:
    return stable_id(moment.policy.reference_key, "words", words[:HOLD_WORDS_KEPT])


def phone_fact(
    kind: FactOfReply, phone_ref: str, at: datetime, moment: Moment, *, source: str, evidence: str = ""
) -> ConsentFact:
    """A fact about a phone that no text of now brought."""
    return ConsentFact(
        fact_id=stable_id(moment.policy.reference_key, kind, phone_ref, at.isoformat()),
        kind=kind,
        phone_ref=phone_ref,
        source=source,
        evidence_digest=_digest(evidence, moment) if evidence else "",
        at=at,
    )


def texted_cancel(sms: InboundSms, reply: Reply, event: str, tables: Tables, moment: Moment) -> Notice:
    """Someone texted CANCEL: they may mean the interview, which stands."""
    effect = "opted out of texts" if reply.kind == "opt_out" else "not opted out"
    booking = tables.bookings[sms.phone_ref].events[event].booking
    return Notice(
        notice_id=stable_id(moment.policy.reference_key, "texted_cancel", sms.inbound_uuid),
        kind="texted_cancel",
        workspace_id=booking.workspace_id,
        booking_id=booking.booking_id,
        event_id=booking.event_id,
        person_id=booking.person_id,
        text_id=None,
        reason=f"the participant texted CANCEL: {effect}, the booking stands",
        at=sms.received_at,
    )


def answer_due(sms: InboundSms | StartConfirmed, answer: Answer | None, event: str | None) -> list[Message]:
    """The answer, to be released at once; none if none is due."""
    if answer is None:
        return []
    workspace_id, event_id = event.split("/", 1) if event else (None, None)
    return [
        ReplyDue(
            phone=sms.phone,
            phone_ref=sms.phone_ref,
            inbound_uuid=sms.inbound_uuid,
            answer=answer,
            received_at=sms.received_at,
            workspace_id=workspace_id,
            event_id=event_id,
        )
    ]


def wrong_number(sms: InboundSms, moment: Moment) -> ConsentEnded:
    """Whoever has this phone is not who consented: all consents of the phone end."""
    return ConsentEnded(
        change_id=stable_id(moment.policy.reference_key, "wrong_number", sms.inbound_uuid),
        phone_ref=sms.phone_ref,
        workspace_id=None,
        person_id=None,
        phone_wide=True,
        by="wrong_number",
        actor=None,
        reason="a reply from the phone",
        at=sms.received_at,
        received_at=moment.now,
    )
