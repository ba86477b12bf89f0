"""What a visitor typed into the sign-up form, and what is wrong with it, in words for people."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from rules.phones import PhoneError, is_unfit, parse_phone, served

EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
TYPED_MAX = 200
SAID: dict[PhoneError, str] = {
    "empty": "Enter your phone number.",
    "bad_character": "Use digits only, with a + in front of a country code. No extension.",
    "unknown_region": "Begin with + and your country code.",
    "country_missing": "Begin with + and your country code.",
    "unknown_country": "There is no such country code.",
    "too_short": "This number is too short.",
    "too_long": "This number is too long.",
    "not_a_number": "This is not a phone number.",
    "not_in_use": "There is no such number. Please check the digits.",
}


@dataclass(frozen=True, kw_only=True)
class PhoneCheck:
    """A typed number: E.164 or None, what is wrong with it, and whether its country gets texts."""

    phone: str | None
    reason: str
    served: bool


@dataclass(frozen=True, kw_only=True)
class Typed:
    """The fields as typed, bounded; ``errors`` by field."""

    name: str = ""
    email: str = ""
    phone: str = ""
    errors: dict[str, str] = field(default_factory=dict)


def home_region(countries: str) -> str:
    """The region a number without ``+`` is read in: the first that is served."""
    return countries.split(",", maxsplit=1)[0].strip().upper()


def check_phone(typed: str, region: str, countries: frozenset[str]) -> PhoneCheck:
    """What a typed number is."""
    read = parse_phone(typed, region)
    for error, reason in SAID.items():
        if read == error:
            return PhoneCheck(phone=None, reason=reason, served=False)
    if is_unfit(read):
        return PhoneCheck(
            phone=None, reason="Numbers of this kind can't be texted. Use a mobile number.", served=False
        )
    return PhoneCheck(phone=read, reason="", served=served(read, countries))


def read_fields(form: Mapping[str, str], *, asks_who: bool, phone_reason: str) -> Typed:
    """The fields with their errors; ``phone_reason`` is empty if the number is fine, or not asked."""
    name, email, phone = (form.get(key, "").strip()[:TYPED_MAX] for key in ("name", "email", "phone"))
    errors = {}
    if asks_who and not name:
        errors["name"] = "Enter your name."
    if asks_who and not EMAIL.fullmatch(email):
        errors["email"] = "Enter your e-mail address, like name@example.org."
    if phone_reason:
        errors["phone"] = phone_reason
    return Typed(name=name, email=email, phone=phone, errors=errors)
