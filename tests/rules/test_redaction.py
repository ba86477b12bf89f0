"""What stays of a record when the person it speaks of is sealed away, or forgotten."""

import msgspec

from rules.redaction import NO_PHONE, without_evidence, without_person
from schemas.base import Message
from tests.makers import OTHER_PHONE, PHONE, a_booking, a_consent, a_sign_up, evidence
from tests.sender.texts import delivery, ref

SEALED = {
    "phone_typed": "330 823 5501",
    "source_url": "https://rally.example/join/secret",
    "ip": "203.0.113.7",
    "user_agent": "Browser of one person",
    "locale": "fr-CA",
}
PLACES = {
    "place": "12 Home Street",
    "join_url": "https://meet.example/mine",
    "manage_url": "https://rally.example/mine",
}


def names_somebody(record: Message) -> list[str]:
    """The values of the record that would tell who it is."""
    said = msgspec.json.encode(record).decode()
    return [
        word for word in (PHONE, PHONE[2:], *SEALED.values(), *PLACES.values(), "Our words") if word in said
    ]


def test_a_consent_without_its_evidence_keeps_the_words_that_were_shown() -> None:
    given = a_consent(evidence=evidence(**SEALED))
    left = without_evidence(given)
    assert not [word for word in SEALED.values() if word in msgspec.json.encode(left).decode()]
    assert left.evidence.disclosure_text == given.evidence.disclosure_text
    assert (left.consent_id, left.phone, left.at) == (given.consent_id, given.phone, given.at)


def test_a_sign_up_without_its_evidence_keeps_the_words_that_were_shown() -> None:
    given = a_sign_up(**SEALED)
    left = without_evidence(given)
    assert not [word for word in SEALED.values() if word in msgspec.json.encode(left).decode()]
    assert left.disclosure_text == given.disclosure_text


def test_a_forgotten_consent_names_nobody() -> None:
    given = a_consent(evidence=evidence(**SEALED))
    left = without_person(given)
    assert names_somebody(given)
    assert names_somebody(left) == []
    assert left == msgspec.structs.replace(without_evidence(given), phone=NO_PHONE)


def test_a_forgotten_text_has_neither_number_nor_words() -> None:
    sent = delivery(PHONE, text=ref(OTHER_PHONE), body="Our words")
    left = without_person(sent)
    assert names_somebody(left) == []
    assert left == msgspec.structs.replace(sent, phone=NO_PHONE, body="")


def test_a_forgotten_booking_keeps_its_time_and_its_revision() -> None:
    booked = a_booking(phone=PHONE, zone="Europe/Paris", **PLACES)
    left = without_person(booked)
    assert names_somebody(left) == []
    assert left == msgspec.structs.replace(
        booked, phone=None, zone=None, place=None, join_url=None, manage_url=None
    )


def test_what_was_wrong_with_a_forgotten_phone_is_not_told() -> None:
    left = without_person(a_booking(phone=None, phone_error="too short: 330 823"))
    assert left == without_person(a_booking(phone=None, phone_error="erased"))
