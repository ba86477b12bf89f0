"""Rows of many phones, each with one reminder to come, written straight into the changelogs of tables."""

import asyncio
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.producer.message_accumulator import BatchBuilder
from msgspec.structs import replace

from agents.moment import Moment
from agents.tables import Tables
from rules.ids import base32, phone_ref
from runtime.config import Config
from runtime.partition import partition_for
from runtime.topics_admin import changelog_name
from schemas.base import Message, encode
from schemas.rows import EventRow, PhoneRow
from schemas.topics import TOPIC_OF
from streams.topology import FLOWS
from tests.makers import a_booking, a_consent, a_setting

_PHONE, _EVENT, _TEXT = "+13305550000", "event-00000000", "t" * 32
_DUE = datetime(2031, 1, 1, 12, 0, 0, 123456, tzinfo=UTC)
_CONSENT = "consent-00000000"
_LEAD = timedelta(minutes=15)
_BATCH_BYTES, _ROW_BYTES = 500_000, 4_000
AGENTS = {flow.topic.name: flow.agent for flow in FLOWS}


class Row(NamedTuple):
    """A row of the table named, with its key."""

    table: str
    key: str
    value: bytes


class Pending:
    """Makes rows like those that booking and consent leave behind, by filling in a template of each."""

    def __init__(self, config: Config, starts_at: datetime) -> None:
        """``starts_at``: of every interview, so that no reminder is too late."""
        self._secret = config.reference_secret.encode()
        tables = Tables()
        moment = Moment(now=datetime.now(UTC), partition=0, policy=config.policy(), inputs_caught_up=True)
        ref = self.ref_of(_PHONE)
        mail: list[Message] = [
            a_setting(),
            a_consent(phone=_PHONE, phone_ref=ref, consent_id=_CONSENT, event_id=_EVENT),
            a_booking(phone=_PHONE, booking_id=_EVENT, event_id=_EVENT, starts_at=starts_at),
        ]
        while mail:
            message = mail.pop(0)
            agent = AGENTS.get(TOPIC_OF[type(message)].name)
            mail += agent(message, tables, moment) if agent else []
        self._ref = ref.encode()
        self._booking = encode(_only_reminder(tables.bookings[ref]))
        self._consent = encode(tables.consents[ref])

    def ref_of(self, phone: str) -> str:
        """The key of a phone."""
        return phone_ref(self._secret, phone)

    def rows(self, count: int, due_at: Callable[[int], datetime]) -> Iterator[Row]:
        """Two rows of each of so many phones; the text of phone ``n`` is due at ``due_at(n)``."""
        for n in range(count):
            phone = f"+1201{2_000_000 + n}".encode()
            ref = self.ref_of(phone.decode())
            fill = {
                _PHONE.encode(): phone,
                _EVENT.encode(): b"event-%08d" % n,
                _CONSENT.encode(): b"consent-%08d" % n,
                _TEXT.encode(): base32(n.to_bytes(20)).encode(),
                _text(_DUE): _text(due_at(n)),
                self._ref: ref.encode(),
            }
            yield Row("bookings", ref, _filled(self._booking, fill))
            yield Row("consents", ref, _filled(self._consent, fill))


def _only_reminder(row: PhoneRow) -> PhoneRow:
    """The row as if its confirmation were long sent, its reminder due at a time that can be found again."""
    [(name, event)] = row.events.items()
    [reminder] = [text for text in event.texts.values() if text.kind == "interview_reminder"]
    reminder = replace(reminder, text_id=_TEXT, due_at=_DUE, first_due_at=_DUE)
    left: EventRow = replace(event, texts={_TEXT: reminder})
    return replace(row, events={name: left})


def _text(at: datetime) -> bytes:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ").encode()


def _filled(template: bytes, fill: dict[bytes, bytes]) -> bytes:
    for blank, value in fill.items():
        template = template.replace(blank, value)
    return template


async def write(config: Config, rows: Iterator[Row]) -> None:
    """Append the rows to the changelogs, by key as the tables are partitioned, in batches made here."""
    at_ms, waiting = int(time.time() * 1000), list[asyncio.Future[Any]]()
    filling: dict[tuple[str, int], BatchBuilder] = {}
    async with AIOKafkaProducer(
        bootstrap_servers=config.kafka_bootstrap_servers, acks="all", max_batch_size=_BATCH_BYTES
    ) as producer:

        async def send(place: tuple[str, int]) -> None:
            builder = filling.pop(place)
            builder.close()
            waiting.append(await producer.send_batch(builder, place[0], partition=place[1]))

        for row in rows:
            key = row.key.encode()
            place = changelog_name(config.app_id, row.table), partition_for(key, config.partitions)
            builder = filling.get(place) or filling.setdefault(place, producer.create_batch())
            builder.append(timestamp=at_ms, key=key, value=row.value)
            if builder.size() > _BATCH_BYTES - _ROW_BYTES:
                await send(place)
        for place in list(filling):
            await send(place)
        await asyncio.gather(*waiting)
