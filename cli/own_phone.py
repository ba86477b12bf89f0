"""A test text to one's own phone: a test booking, by the same road as every other, for who signed up."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

from aiokafka.errors import KafkaError
from sqlalchemy import Connection, Engine

from cli.findings import Finding
from cli.numbers import number_of, ref_of
from cli.why import NoRecords, open_records
from records import queries
from records.admin_people import known_of
from rules.consent import is_held, is_stopped, live_consents
from rules.sentences import not_sent
from runtime.config import Config
from runtime.kafka import Publisher
from schemas.bookings import BookingEvent
from schemas.rows import ConsentRow, PhoneConsents

NAME = "test text"
STARTS_IN = timedelta(minutes=10)
WAIT_S, LOOK_S = 90.0, 1.0
NONE_FREE = "no consent of this phone stands for an event without a booking"
SIGN_UP = "make a link with `reminders invite` for a test event, sign up there with your own phone"
WATCH = "`reminders why BOOKING` says where it is; see that all five processes run and the workspace texts"


def send_test(config: Config, phone: str) -> Finding:
    """Book a test interview for the phone, and wait for what becomes of its confirmation."""
    number = number_of(phone)
    if number is None or not number.startswith("+"):
        return Finding(NAME, False, "a number is needed, not a reference", "give it with + and country code")
    try:
        engine = open_records(config)
    except NoRecords as error:
        return Finding(NAME, False, str(error), "start `reminders archive`")
    try:
        with engine.connect() as connection:
            consent = free_consent(connection, ref_of(config, number))
        if isinstance(consent, str):
            return Finding(NAME, False, consent, SIGN_UP)
        booking = booking_of(consent, number, datetime.now(UTC))
        asyncio.run(_publish(config, booking))
        return _outcome(engine, booking)
    except (KafkaError, OSError) as error:  # a timeout is an OSError too
        return Finding(NAME, False, f"Kafka did not take it ({type(error).__name__})", "start it")
    finally:
        engine.dispose()


def free_consent(connection: Connection, phone_ref: str) -> ConsentRow | str:
    """The latest consent of the phone that stands and whose event has no booking; else what lacks."""
    known = known_of(connection, phone_ref)
    if is_stopped(known.stops) or is_held(known.stops):
        return "the phone has opted out: text START from it"
    consents = known.consents
    free = [c for c in consents.consents.values() if _stands(consents, c) and _is_free(connection, c)]
    return max(free, key=lambda consent: consent.at) if free else NONE_FREE


def _stands(row: PhoneConsents, consent: ConsentRow) -> bool:
    event_id = consent.event_id or ""
    live = live_consents(
        row, workspace_id=consent.workspace_id, person_id=consent.person_id, event_id=event_id
    )
    return consent in live


def _is_free(connection: Connection, consent: ConsentRow) -> bool:
    """Whether no booking stands for the event: ours must not push away a real one."""
    if consent.event_id is None:
        return True
    return queries.event_of(connection, consent.workspace_id, consent.event_id).booking is None


def booking_of(consent: ConsentRow, phone: str, now: datetime) -> BookingEvent:
    """A booking that starts so soon that it is confirmed at once and not reminded of, marked as a test."""
    name = f"test-text-{now:%Y%m%d%H%M%S}"
    return BookingEvent(
        message_id=name,
        workspace_id=consent.workspace_id,
        workspace_name=consent.workspace_id,
        study_id="test-text",
        booking_id=name,
        event_id=consent.event_id or name,
        person_id=consent.person_id,
        revision=1,
        status="booked",
        starts_at=now + STARTS_IN,
        phone=phone,
        is_test=True,
    )


async def _publish(config: Config, booking: BookingEvent) -> None:
    publisher = Publisher(config)
    try:
        await publisher.start()
        await publisher.publish([booking])
    finally:
        await publisher.stop()


def _outcome(engine: Engine, booking: BookingEvent) -> Finding:
    """What became of the confirmation, once the carrier has reported or it has ended otherwise."""
    until, told = time.monotonic() + WAIT_S, "planned by nobody yet"
    while time.monotonic() < until:
        with engine.connect() as connection:
            texts = queries.texts_of(connection, booking.booking_id, booking.workspace_id)
        for text in (text for text in texts if text["kind"] == "confirmation"):
            told = str(text["carrier_status"] or text["state"])
            if told == "delivered":
                return Finding(NAME, True, f"delivered; booking {booking.booking_id}")
            if told in ("suppressed", "expired", "withdrawn"):
                return Finding(NAME, False, f"{told}: {not_sent(text['reason'])}", WATCH)
        time.sleep(LOOK_S)
    return Finding(NAME, False, f"{told} after {WAIT_S:.0f} s; booking {booking.booking_id}", WATCH)
