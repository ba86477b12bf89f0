"""Messages as rows: which rows a message adds to which table. Pure.

The same message always gives the same rows; a row whose key is known changes nothing (a setting's row is
replaced by a higher revision).
"""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import singledispatch
from typing import Any

import msgspec
from sqlalchemy import Table

from records import reply_tables, tables
from records.seals import Keys
from rules.ids import phone_ref
from rules.links import manage_token
from rules.redaction import without_evidence
from schemas.base import Message, encode
from schemas.bookings import BookingInput
from schemas.consent import ConsentEnded, ConsentGiven
from schemas.dead_letters import DeadLetter
from schemas.deliveries import Delivery, TextRef, Withdrawal
from schemas.delivery_events import DeliveryEvent
from schemas.journal import Accepted, Claimed, NotSent, Unknown
from schemas.ledger import LedgerEntry
from schemas.notices import Notice
from schemas.settings import SettingCopy
from schemas.sign_ups import SignUp
from schemas.sms import InboundSms, ReplyHandled

Rows = Iterator[tuple[Table, dict[str, Any]]]


@singledispatch
def rows_of(_message: Message, _keys: Keys) -> Rows:
    """The rows of a message, each with its table; none for a kind that the records don't keep.

    A ``ScopeWithdrawal`` is none: its setting is kept, and so is each text that it ends. What clock and
    carrier say of a phone is in the ledger.
    """
    yield from ()


@rows_of.register
def _(booking: BookingInput, keys: Keys) -> Rows:
    ref = phone_ref(keys.reference, booking.phone) if booking.phone else None
    yield tables.bookings, _row(tables.bookings, booking, phone_ref=ref)


@rows_of.register
def _(sign_up: SignUp, keys: Keys) -> Rows:
    ref = phone_ref(keys.reference, sign_up.phone)
    record = encode(without_evidence(sign_up)).decode()
    yield tables.sign_ups, _row(tables.sign_ups, sign_up, phone_ref=ref, record=record)


@rows_of.register
def _(given: ConsentGiven, _: Keys) -> Rows:
    """``sealed`` is what is to be sealed here: the whole consent, as it came."""
    record, sealed = encode(without_evidence(given)).decode(), encode(given)
    yield tables.consents, _row(tables.consents, given, kind="given", record=record, sealed=sealed)


@rows_of.register
def _(ended: ConsentEnded, _: Keys) -> Rows:
    row = _row(tables.consents, ended, kind="ended", event_id=None, sealed=None)
    yield tables.consents, {**row, "consent_id": ended.change_id}


@rows_of.register
def _(sms: InboundSms, _: Keys) -> Rows:
    yield reply_tables.inbound, _row(reply_tables.inbound, sms)


@rows_of.register
def _(handled: ReplyHandled, _: Keys) -> Rows:
    yield reply_tables.handled_replies, _row(reply_tables.handled_replies, handled)


@rows_of.register
def _(copy: SettingCopy, _: Keys) -> Rows:
    value = msgspec.json.encode(copy.value).decode()
    yield tables.settings, {**_row(tables.settings, copy), "value": value, "study_id": copy.study_id or ""}


@rows_of.register
def _(delivery: Delivery, keys: Keys) -> Rows:
    text = delivery.text
    yield tables.steps, _step(text, "released", delivery.released_at, delivery)
    if text.workspace_id is not None and text.event_id is not None:
        token = manage_token(keys.link, text.workspace_id, text.event_id, text.phone_ref)
        row = _row(tables.manage_tokens, text, token=token, phone=delivery.phone)
        yield tables.manage_tokens, row


@rows_of.register
def _(withdrawal: Withdrawal, _: Keys) -> Rows:
    yield tables.steps, _step(withdrawal.text, "withdrawn", withdrawal.at, withdrawal)


@rows_of.register(Claimed)
@rows_of.register(Accepted)
@rows_of.register(NotSent)
@rows_of.register(Unknown)
def _(tried: Claimed | Accepted | NotSent | Unknown, _: Keys) -> Rows:
    """What the sender tried; its ends come as ``delivery-events``."""
    what = str(tried.__struct_config__.tag)
    step = _row(tables.steps, tried, step_id=hashlib.sha256(encode(tried)).hexdigest(), what=what)
    text = {"text_id": tried.text.text_id, "plan_version": tried.text.plan_version}
    yield tables.steps, {**step, **text}


@rows_of.register
def _(event: DeliveryEvent, _: Keys) -> Rows:
    step = _row(tables.steps, event, step_id=event.delivery_event_id, what=event.state)
    yield tables.steps, step


@rows_of.register
def _(notice: Notice, _: Keys) -> Rows:
    yield tables.notices, _row(tables.notices, notice)


@rows_of.register
def _(entry: LedgerEntry, _: Keys) -> Rows:
    fact = _row(tables.ledger, entry.fact)
    yield tables.ledger, {**fact, **_row(tables.ledger, entry)}


@rows_of.register
def _(letter: DeadLetter, _: Keys) -> Rows:
    place = f"{letter.topic}|{letter.partition}|{letter.offset}|{letter.sha256}"
    letter_id = hashlib.sha256(place.encode()).hexdigest()[:16]
    yield tables.dead_letters, _row(tables.dead_letters, letter, letter_id=letter_id)


def iso(at: datetime) -> str:
    """An instant as the tables keep it."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _row(table: Table, message: Message, **more: Any) -> dict[str, Any]:
    """The fields of a message that the table has columns for, and the whole of it where it keeps that."""
    fields = msgspec.structs.asdict(message)
    row = {column.name: _plain(fields[column.name]) for column in table.columns if column.name in fields}
    if "record" in table.columns:
        row["record"] = encode(message).decode()
    return {**row, **more}


def _plain(value: Any) -> Any:
    return iso(value) if isinstance(value, datetime) else value


def _step(text: TextRef, what: str, at: datetime, message: Message) -> dict[str, Any]:
    """A release or withdrawal written twice at one time is one step."""
    step_id = f"{text.text_id}/{text.plan_version}/{what}/{iso(at)}"
    row = _row(tables.steps, message, step_id=step_id, what=what, at=iso(at))
    return {**row, "text_id": text.text_id, "plan_version": text.plan_version}
