"""Questions of staff about participants: their phones, consents and what the ledger holds of them."""

import msgspec
from sqlalchemy import Connection, select

from records import queries, tables
from records.admin_bookings import latest_bookings
from records.holding import Known, known
from rules.redaction import NO_PHONE
from schemas.bookings import BookingInput
from schemas.consent import ConsentEnded, ConsentGiven
from schemas.ledger import ConsentFact, LedgerEntry
from schemas.sign_ups import SignUp

Consent = ConsentGiven | ConsentEnded
_CONSENT: msgspec.json.Decoder[Consent] = msgspec.json.Decoder(Consent)


def bookings_of_person(connection: Connection, workspace_id: str, person_id: str) -> list[BookingInput]:
    """The person's bookings in the workspace, latest start first."""
    found = latest_bookings(connection, workspace_id, person_id)
    return sorted(found, key=lambda booking: booking.starts_at, reverse=True)


def consents_of_person(connection: Connection, workspace_id: str, person_id: str) -> list[Consent]:
    """The person's consents in the workspace and their ends, oldest first."""
    c = tables.consents
    query = select(c.c.record).where(c.c.workspace_id == workspace_id, c.c.person_id == person_id)
    records = connection.execute(query.order_by(c.c.at, c.c.consent_id)).scalars()
    return [_CONSENT.decode(record) for record in records]


def phones_of_person(connection: Connection, workspace_id: str, person_id: str) -> list[str]:
    """The E.164 numbers that bookings, sign-ups and consents of the person name, latest first."""
    found: dict[str, None] = {}
    for booking in bookings_of_person(connection, workspace_id, person_id):
        phone = queries.event_of(connection, workspace_id, booking.event_id).phone
        if phone is not None:
            found.setdefault(phone)
    for consent in reversed(consents_of_person(connection, workspace_id, person_id)):
        if isinstance(consent, ConsentGiven) and consent.phone != NO_PHONE:
            found.setdefault(consent.phone)
    return list(found)


def facts_of(connection: Connection, phone_ref: str) -> list[ConsentFact]:
    """What the ledger holds of a phone, oldest first."""
    rows = queries.ledger_of(connection, phone_ref)
    return [msgspec.json.decode(row["record"], type=LedgerEntry).fact for row in rows]


def known_of(connection: Connection, phone_ref: str) -> Known:
    """What a phone's consents, stops and holds amount to."""
    return known(queries.consents_of(connection, phone_ref), facts_of(connection, phone_ref))


def sign_up_of(connection: Connection, workspace_id: str, event_id: str) -> SignUp | None:
    """The latest sign-up for an event."""
    s = tables.sign_ups
    query = select(s.c.record).where(s.c.workspace_id == workspace_id, s.c.event_id == event_id)
    record = connection.execute(query.order_by(s.c.at.desc()).limit(1)).scalar()
    return None if record is None else msgspec.json.decode(record, type=SignUp)
