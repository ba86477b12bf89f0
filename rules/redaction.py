"""Records without what names a person: what stays readable beside a seal, and after an erasure. Pure."""

from typing import TypeVar

from msgspec.structs import replace

from schemas.bookings import BookingInput
from schemas.consent import ConsentGiven
from schemas.deliveries import Delivery
from schemas.sign_ups import SignUp

NO_PHONE = "+10000000000"
"""Stands where a number was; no such number can exist (no area code begins with 0)."""


_EVIDENCE = {
    "phone_typed": "",
    "source_url": "",
    "ip": "",
    "user_agent": "",
    "locale": "",
}
_Given = TypeVar("_Given", ConsentGiven, SignUp)


def without_evidence(given: _Given) -> _Given:
    """A consent or sign-up with the words shown; number as typed, place and browser are under seal."""
    if isinstance(given, SignUp):
        return replace(given, **_EVIDENCE)
    return replace(given, evidence=replace(given.evidence, **_EVIDENCE))


def without_person(record: Delivery | BookingInput | ConsentGiven) -> Delivery | BookingInput | ConsentGiven:
    """A text without number and words; a booking without phone, place and links; a consent without number."""
    match record:
        case Delivery():
            return replace(record, phone=NO_PHONE, body="")
        case ConsentGiven():
            return replace(without_evidence(record), phone=NO_PHONE)
    return replace(
        record,
        phone=None,
        phone_error=record.phone_error and "erased",
        zone=None,
        place=None,
        join_url=None,
        manage_url=None,
    )
