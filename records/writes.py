"""Messages into rows. Every write may be repeated: the same message gives the same rows."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

from records import tables
from rules.links import manage_token
from schemas.base import Message, encode
from schemas.bookings import BookingInput, SignUp
from schemas.consent import ConsentEnded, ConsentGiven
from schemas.dead_letters import DeadLetter
from schemas.deliveries import Delivery, TextRef, Withdrawal
from schemas.delivery_events import DeliveryEvent
from schemas.ledger import LedgerEntry
from schemas.notices import Notice
from schemas.settings import SettingCopy
from schemas.sms import InboundSms

ENDS = ("accepted", "suppressed", "expired", "rejected", "unresolved")


def iso(at: datetime) -> str:
    """An instant as the tables keep it."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


class Writer:
    """Writes messages on one connection, within the caller's transaction."""

    def __init__(self, connection: Connection, link_key: bytes) -> None:
        self._connection, self._link_key = connection, link_key
        self._insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert

    def write(self, message: Message) -> None:
        """Write what a message says; a kind that the records don't keep is left out."""
        writes: dict[type[Message], Callable[[Any], None]] = {
            BookingInput: self._booking,
            SignUp: self._sign_up,
            ConsentGiven: self._given,
            ConsentEnded: self._ended,
            InboundSms: self._inbound,
            SettingCopy: self._setting,
            Delivery: self._delivery,
            Withdrawal: self._withdrawal,
            DeliveryEvent: self._event,
            Notice: self._notice,
            LedgerEntry: self._entry,
            DeadLetter: self._dead_letter,
        }
        if write := writes.get(type(message)):
            write(message)

    def note_offset(self, topic: str, partition: int, next_offset: int) -> None:
        """How far a topic partition is written."""
        place = {"topic": topic, "partition": partition}
        self._upsert(tables.offsets, place, {"next_offset": next_offset})

    def _put(self, table: Table, **row: Any) -> None:
        """Insert a row unless it is there."""
        self._connection.execute(self._insert(table).values(**row).on_conflict_do_nothing())

    def _upsert(self, table: Table, key: Mapping[str, Any], row: Mapping[str, Any]) -> None:
        insert = self._insert(table).values(**key, **row)
        self._connection.execute(insert.on_conflict_do_update(index_elements=list(key), set_=dict(row)))

    def _booking(self, booking: BookingInput) -> None:
        self._put(
            tables.bookings,
            workspace_id=booking.workspace_id,
            booking_id=booking.booking_id,
            revision=booking.revision,
            event_id=booking.event_id,
            received_at=iso(booking.received_at),
            record=_json(booking),
        )

    def _sign_up(self, sign_up: SignUp) -> None:
        self._put(
            tables.sign_ups,
            sign_up_id=sign_up.sign_up_id,
            workspace_id=sign_up.workspace_id,
            event_id=sign_up.event_id,
            at=iso(sign_up.at),
            record=_json(sign_up),
        )

    def _given(self, given: ConsentGiven) -> None:
        self._put(
            tables.consents,
            consent_id=given.consent_id,
            kind="given",
            phone_ref=given.phone_ref,
            workspace_id=given.workspace_id,
            person_id=given.person_id,
            event_id=given.event_id,
            at=iso(given.at),
            record=_json(given),
        )

    def _ended(self, ended: ConsentEnded) -> None:
        self._put(
            tables.consents,
            consent_id=ended.change_id,
            kind="ended",
            phone_ref=ended.phone_ref,
            workspace_id=ended.workspace_id,
            person_id=ended.person_id,
            event_id=None,
            at=iso(ended.at),
            record=_json(ended),
        )

    def _inbound(self, sms: InboundSms) -> None:
        self._put(
            tables.inbound,
            inbound_uuid=sms.inbound_uuid,
            phone_ref=sms.phone_ref,
            received_at=iso(sms.received_at),
            record=_json(sms),
        )

    def _setting(self, copy: SettingCopy) -> None:
        key = {"workspace_id": copy.workspace_id, "study_id": copy.study_id or "", "name": copy.name}
        row = {"revision": copy.revision, "value": _dump(copy.value), "at": iso(copy.at)}
        insert = self._insert(tables.settings).values(**key, **row)
        self._connection.execute(
            insert.on_conflict_do_update(
                index_elements=list(key), set_=row, where=tables.settings.c.revision < copy.revision
            )
        )

    def _delivery(self, delivery: Delivery) -> None:
        text = delivery.text
        self._step(text, "released", delivery.released_at, delivery)
        if text.workspace_id is not None and text.event_id is not None:
            self._put(
                tables.manage_tokens,
                token=manage_token(self._link_key, text.workspace_id, text.event_id, text.phone_ref),
                workspace_id=text.workspace_id,
                event_id=text.event_id,
                phone_ref=text.phone_ref,
                phone=delivery.phone,
            )

    def _withdrawal(self, withdrawal: Withdrawal) -> None:
        self._step(withdrawal.text, "withdrawn", withdrawal.at, withdrawal)

    def _step(self, text: TextRef, what: str, at: datetime, message: Message) -> None:
        self._put(
            tables.steps,
            step_id=f"{text.text_id}/{text.plan_version}/{what}/{iso(at)}",
            text_id=text.text_id,
            plan_version=text.plan_version,
            at=iso(at),
            what=what,
            record=_json(message),
        )

    def _event(self, event: DeliveryEvent) -> None:
        self._put(
            tables.steps,
            step_id=event.delivery_event_id,
            text_id=event.text_id,
            plan_version=event.plan_version,
            at=iso(event.at),
            what=event.state,
            record=_json(event),
        )
        self._state(event)

    def _state(self, event: DeliveryEvent) -> None:
        """Where the text stands: events of several partitions come in any order."""
        key = {"text_id": event.text_id, "plan_version": event.plan_version}
        row = {
            "phone_ref": event.phone_ref,
            "workspace_id": event.workspace_id,
            "study_id": event.study_id,
            "event_id": event.event_id,
            "booking_id": event.booking_id,
            "kind": event.kind,
            "is_test": event.is_test,
        }
        if event.state == "planned":
            first = {"state": "planned", "wording": event.wording, "due_at": iso(event.due_at)}
            self._news(key, {**row, **first}, {"planned_at": iso(event.at)})
        elif event.state in ENDS:
            news: dict[str, Any] = {
                "state": event.state,
                "wording": event.wording,
                "reason": event.reason,
                "due_at": iso(event.due_at),
                "ended_at": iso(event.at),
                "lateness_s": event.lateness_s,
                "carrier_uuid": event.carrier_uuid,
                "segments": event.segments_predicted,
            }
            self._news(key, row, news)
        else:
            first = {"state": "planned", "wording": event.wording, "due_at": iso(event.due_at)}
            self._news(key, {**row, **first}, {"carrier_status": event.state})

    def _news(self, key: dict[str, Any], first: dict[str, Any], news: dict[str, Any]) -> None:
        """Insert the row with all, or bring the news to the one that is there."""
        insert = self._insert(tables.texts).values(**key, **first, **news)
        self._connection.execute(insert.on_conflict_do_update(index_elements=list(key), set_=news))

    def _notice(self, notice: Notice) -> None:
        self._put(
            tables.notices,
            notice_id=notice.notice_id,
            workspace_id=notice.workspace_id,
            event_id=notice.event_id,
            booking_id=notice.booking_id,
            kind=notice.kind,
            reason=notice.reason,
            at=iso(notice.at),
        )

    def _entry(self, entry: LedgerEntry) -> None:
        self._put(
            tables.ledger,
            partition=entry.partition,
            seq=entry.seq,
            fact_id=entry.fact.fact_id,
            phone_ref=entry.fact.phone_ref,
            kind=entry.fact.kind,
            at=iso(entry.fact.at),
            record=_json(entry),
        )

    def _dead_letter(self, letter: DeadLetter) -> None:
        self._put(
            tables.dead_letters,
            topic=letter.topic,
            partition=letter.partition,
            offset=letter.offset,
            reason=letter.reason,
            at=iso(letter.at),
            record=_json(letter),
        )


def _json(message: Message) -> str:
    return encode(message).decode()


def _dump(value: Any) -> str:
    return msgspec.json.encode(value).decode()
