"""Ends in the journal become events for analytics, news for the planner, and notices. Pure."""

from datetime import datetime
from typing import Literal

from msgspec.structs import replace

from rules.ids import stable_id
from schemas.base import Message
from schemas.bookings import TextEnded
from schemas.delivery_events import DeliveryEvent, State
from schemas.journal import (
    Accepted,
    Expired,
    JournalRecord,
    Rejected,
    Reported,
    Suppressed,
    Unresolved,
)
from schemas.notices import Notice

End = Literal["accepted", "suppressed", "expired", "rejected", "unresolved"]
TOLD = ("accepted", "sent", "delivered")
NOT_A_MISS = frozenset(
    ("coalesced", "nothing_new", "phone_changed", "moved", "cancelled", "erased", "test_only")
)
"""Reasons for which nobody has to be told by other means."""


def project(
    record: JournalRecord, *, partition: int, offset: int, key: bytes, again: bool = False
) -> list[Message]:
    """What others must hear of a journal record that counts; nothing of claims and what is still open.

    ``again``: the text had its end before, this is its second try; if it stays unclear, only the planner
    hears of it, for its count. Ids come from the record's place in the log: projecting it again gives the
    same messages.
    """
    if isinstance(record, Reported):
        if record.status == "queued":
            return []
        event = _event(record, record.status, partition, offset, key)
        return [event, *_notice(record, record.status, record.error_code, key)]
    state = end_of(record)
    if state is None:
        return []
    event, text = _event(record, state, partition, offset, key), record.text
    if again and state == "unresolved":
        return [_news(record, "accepted")]
    told: list[Message] = [replace(event, final=False, lateness_s=None) if again else event]
    if text.workspace_id is not None and text.event_id is not None and text.kind != "reply":
        told += [_news(record, state), *_notice(record, state, reason_of(record), key)]
    return told


def _news(record: JournalRecord, end: End) -> TextEnded:
    """What the planner hears; of an answer to a text it hears nothing."""
    text = record.text
    return TextEnded(
        phone_ref=text.phone_ref,
        workspace_id=text.workspace_id or "",
        event_id=text.event_id or "",
        text_id=text.text_id,
        plan_version=text.plan_version,
        end=end,
        counted_ids=counted_ids(record),
        at=record.at,
    )


def end_of(record: JournalRecord) -> End | None:
    """The end that a record is, if it is one."""
    match record:
        case Accepted():
            return "accepted"
        case Suppressed():
            return "suppressed"
        case Expired():
            return "expired"
        case Rejected():
            return "rejected"
        case Unresolved():
            return "unresolved"
        case _:
            return None


def counted_ids(record: JournalRecord) -> list[str]:
    """The attempts of the text that count to the cap, once it has ended so."""
    match record:
        case Accepted() | Unresolved():
            tries = record.attempt
        case Rejected():
            tries = record.attempt - 1
        case Suppressed() | Expired():
            tries = record.tries
        case _:
            tries = 0
    return [f"{record.text.text_id}#{n}" for n in range(1, tries + 1)]


def reason_of(record: JournalRecord) -> str | None:
    """Why a text ended so; None if that needs no reason."""
    match record:
        case Suppressed() | Rejected():
            return record.reason
        case Expired():
            return record.waited_for
        case _:
            return None


def _event(record: JournalRecord, state: State, partition: int, offset: int, key: bytes) -> DeliveryEvent:
    text = record.text
    accepted = isinstance(record, Accepted)
    reported = isinstance(record, Reported)
    return DeliveryEvent(
        delivery_event_id=stable_id(key, "journal", str(partition), str(offset)),
        text_id=text.text_id,
        plan_version=text.plan_version,
        phone_ref=text.phone_ref,
        workspace_id=text.workspace_id,
        study_id=text.study_id,
        event_id=text.event_id,
        booking_id=text.booking_id,
        kind=text.kind,
        wording=text.wording,
        state=state,
        final=not reported,
        reason=reason_of(record),
        carrier_code=record.error_code or None if isinstance(record, Reported) else None,
        carrier_uuid=record.carrier_uuid if isinstance(record, Accepted | Reported) else None,
        attempt=getattr(record, "attempt", None),
        segments_predicted=text.segments,
        segments_billed=record.units if isinstance(record, Reported) else None,
        lateness_s=_lateness_s(text.due_at, record.at) if accepted else None,
        due_at=text.due_at,
        at=record.at,
        is_test=text.is_test,
    )


def _lateness_s(due_at: datetime, at: datetime) -> float:
    return round((at - due_at).total_seconds(), 3)


def _notice(record: JournalRecord, state: State, reason: str | None, key: bytes) -> list[Message]:
    """A move or cancellation that could not be told, or got lost in the carrier's network: someone must."""
    text = record.text
    missed = text.wording in ("moved", "moved_last", "cancelled") and state not in TOLD
    if not missed or reason in NOT_A_MISS or text.workspace_id is None or text.event_id is None:
        return []
    return [
        Notice(
            notice_id=stable_id(key, "tell", text.text_id, str(text.plan_version), state),
            kind="tell_the_participant",
            workspace_id=text.workspace_id,
            booking_id=text.booking_id,
            event_id=text.event_id,
            person_id=text.person_id,
            text_id=text.text_id,
            reason=f"{state} {reason or ''}".strip(),
            at=record.at,
        )
    ]
