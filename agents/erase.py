"""Erasure: each table lets go of a phone in its own flow; what silences the phone stays, by reference."""

from datetime import UTC, datetime

from msgspec.structs import replace

from agents.moment import Moment
from agents.tables import Tables
from rules.events import is_open, is_under_way, may_go_again
from rules.ids import stable_id
from rules.redaction import NO_PHONE
from rules.release import withdrawal
from schemas.base import Message
from schemas.erasure import EraseEvent, ErasePhone, ErasePlans, EraseReplies
from schemas.ledger import ConsentFact
from schemas.phone_states import EndedState, StartAsked
from schemas.rows import PhoneConsents

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def erase_event(order: EraseEvent, tables: Tables, moment: Moment) -> list[Message]:
    """Forget an event; its phone's plan hears of it after all that was told it before."""
    key = f"{order.workspace_id}/{order.event_id}"
    if key in tables.event_phones:
        del tables.event_phones[key]
    if order.phone_ref is None:
        return []
    return [ErasePlans(erasure_id=order.erasure_id, phone_ref=order.phone_ref, at=order.at)]


def erase_plans(order: ErasePlans, tables: Tables, moment: Moment) -> list[Message]:
    """Withdraw all texts of the phone that have not ended or may go again, and forget its row."""
    row = tables.bookings.get(order.phone_ref)
    if row is None:
        return []
    del tables.bookings[order.phone_ref]
    return [
        withdrawal(event.booking, text, order.phone_ref, reason="erased", at=moment.now)
        for event in row.events.values()
        for text in event.texts.values()
        if is_open(text) or is_under_way(text) or may_go_again(text, moment.now)
    ]


def erase_phone(order: ErasePhone, tables: Tables, moment: Moment) -> list[Message]:
    """End all consents of the phone, and forget of whom they were."""
    row = tables.consents.get(order.phone_ref)
    if row is None:
        return []
    known = row.phone_ended_at
    ended_at = order.at if known is None else max(known, order.at)
    tables.consents[order.phone_ref] = PhoneConsents(phone_ended_at=ended_at, wrong_number=row.wrong_number)
    fact = ConsentFact(
        fact_id=stable_id(moment.policy.reference_key, "erased", order.erasure_id, order.phone_ref),
        kind="consent_ended",
        phone_ref=order.phone_ref,
        source="erasure",
        actor=order.actor,
        reason=order.reason,
        at=order.at,
    )
    state = EndedState(phone_ref=order.phone_ref, workspace_id=None, person_id=None, ended_at=ended_at)
    return [state, fact]


def erase_replies(order: EraseReplies, tables: Tables, moment: Moment) -> list[Message]:
    """Forget number and words; STOP, START and hold stay as they are.

    A START that waits for the carrier's list is dropped: its record on the compacted topic holds the number.
    """
    row = tables.opt_outs.get(order.phone_ref)
    if row is None:
        return []
    tables.opt_outs[order.phone_ref] = replace(
        row, phone=None, hold_words="", asked=None, other_answered=(), help_answered_at=()
    )
    dropped = StartAsked(
        phone=NO_PHONE,
        phone_ref=order.phone_ref,
        inbound_uuid=order.erasure_id,
        received_at=LONG_AGO,
        stop_at=row.stop_at,
    )
    return [dropped]
