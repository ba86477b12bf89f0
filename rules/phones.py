"""Phone numbers: what people type, made E.164 or refused with a reason; their country and time zones."""

import re
import unicodedata
from functools import lru_cache
from typing import Literal

import phonenumbers
from phonenumbers import (
    COUNTRY_CODE_TO_REGION_CODE,
    NumberParseException,
    PhoneMetadata,
    PhoneNumber,
    timezone,
)

PhoneError = Literal[
    "empty",
    "bad_character",
    "unknown_region",
    "country_missing",
    "unknown_country",
    "too_short",
    "too_long",
    "not_a_number",
    "not_in_use",
]
"""Why something is no phone number. None of them starts with ``+``.

``bad_character``: a letter, an extension, a control or direction mark, a second ``+``; ``country_missing``:
no ``+`` and no region to read it in; ``unknown_region``: that region is none; ``not_in_use``: the numbering
plan of its country has no such number.
"""

RAW_MAX = 40
_BETWEEN = frozenset(" -\u2010\u2012\u2013\u2014\u2212.()/")
_ONE_PLUS_AHEAD = re.compile(r"[^\d+]*\+?[^+]*")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_UNFIT = ("premium_rate", "shared_cost", "personal_number", "pager", "uan", "toll_free", "voip")
_UNFIT_TYPES = frozenset(getattr(phonenumbers.PhoneNumberType, name.upper()) for name in _UNFIT)
_UNKNOWN_ZONE = "Etc/Unknown"
_REASON_OF: dict[int, PhoneError] = {
    NumberParseException.INVALID_COUNTRY_CODE: "unknown_country",
    NumberParseException.NOT_A_NUMBER: "not_a_number",
    NumberParseException.TOO_SHORT_AFTER_IDD: "too_short",
    NumberParseException.TOO_SHORT_NSN: "too_short",
    NumberParseException.TOO_LONG: "too_long",
}


def parse_phone(raw: str, region: str | None) -> str | PhoneError:
    """The E.164 number that someone typed, or why it is none; never raises.

    ``region`` (ISO 3166, any case) is what a number without ``+`` is read in.
    """
    north_american = _north_american(raw, region)
    if north_american is not None:
        return north_american
    text = unicodedata.normalize("NFKC", raw).strip()
    refused = _refused(raw, text, region)
    return refused or _read(text, region.upper() if region else None)


def country_of(phone: str) -> str | None:
    """ISO 3166 region of an E.164 number; None if it has none (satellite, unknown)."""
    if phone.startswith("+1"):
        match = _nanp().fullmatch(phone[2:])
        return match.lastgroup if match else None
    number = _number(phone)
    region = phonenumbers.region_code_for_number(number) if number else None
    return region if region != "001" else None


def served(phone: str, countries: frozenset[str]) -> bool:
    """Whether the number's country is among the countries that are texted, and it may be a person's phone."""
    return country_of(phone) in countries and not is_unfit(phone)


def is_unfit(phone: str) -> bool:
    """Whether an E.164 number is of a kind that is not texted, as far as the numbering plan tells.

    Premium rate and shared cost earn on what they are sent; toll-free and VoIP ranges can be had by the
    thousand and are nobody's phone.
    """
    if phone.startswith("+1"):
        return _nanp_unfit().fullmatch(phone[2:]) is not None
    number = _number(phone)
    return number is not None and phonenumbers.number_type(number) in _UNFIT_TYPES


@lru_cache(maxsize=65536)
def zones_of(phone: str) -> tuple[str, ...]:
    """The IANA zones an E.164 number may be in; empty if nothing is known. A toll-free one has dozens."""
    number = _number(phone)
    found = timezone.time_zones_for_number(number) if number else ()
    return tuple(name for name in found if name != _UNKNOWN_ZONE)


def _refused(raw: str, text: str, region: str | None) -> PhoneError | None:
    """What can be said before the number is read."""
    if not text:
        return "empty"
    if len(raw) > RAW_MAX:
        return "too_long"
    if not all(char.isdecimal() or char == "+" or char in _BETWEEN for char in text):
        return "bad_character"
    if not _ONE_PLUS_AHEAD.fullmatch(text):
        return "bad_character"
    return None if "+" in text else _region_refused(region)


def _region_refused(region: str | None) -> PhoneError | None:
    if not region:
        return "country_missing"
    return None if region.upper() in phonenumbers.SUPPORTED_REGIONS else "unknown_region"


def _read(text: str, region: str | None) -> str | PhoneError:
    try:
        number = phonenumbers.parse(text, region)
    except NumberParseException as error:
        return _REASON_OF[error.error_type]
    phone = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if phonenumbers.is_valid_number(number) and _E164.fullmatch(phone):
        return phone
    return _why_invalid(number)


def _why_invalid(number: PhoneNumber) -> PhoneError:
    match phonenumbers.is_possible_number_with_reason(number):
        case phonenumbers.ValidationResult.TOO_SHORT:
            return "too_short"
        case phonenumbers.ValidationResult.TOO_LONG:
            return "too_long"
        case _:
            return "not_in_use"


def _number(phone: str) -> PhoneNumber | None:
    """The parsed form of an E.164 number; None if it is no number."""
    try:
        return phonenumbers.parse(phone)
    except NumberParseException:
        return None


# Nearly all numbers are North American. One regular expression, made of the library's own metadata, reads
# them in a fifteenth of the time; a test holds it equal to the library.

_PUNCTUATION = str.maketrans("", "", " -.()")
_TYPED = re.compile(r"(\+?1)?([2-9][0-9]{9})")
_HOME = frozenset({"US", "CA"})
_TYPES = (
    "premium_rate",
    "toll_free",
    "shared_cost",
    "voip",
    "personal_number",
    "pager",
    "uan",
    "voicemail",
    "fixed_line",
    "mobile",
)


def _north_american(raw: str, region: str | None) -> str | None:
    """The E.164 form of a valid number of country code 1 in the usual notations; None if in doubt."""
    typed = _TYPED.fullmatch(raw.translate(_PUNCTUATION)) if len(raw) <= RAW_MAX else None
    if typed is None or not (raw.startswith("+") or region in _HOME):
        return None
    return f"+1{typed[2]}" if _nanp().fullmatch(typed[2]) else None


@lru_cache(maxsize=1)
def _nanp() -> re.Pattern[str]:
    """Ten digits after ``+1``; the name of the group that matched is the region."""
    regions = COUNTRY_CODE_TO_REGION_CODE[1]
    return re.compile("|".join(f"(?P<{region}>{_pattern(region)})" for region in regions))


@lru_cache(maxsize=1)
def _nanp_unfit() -> re.Pattern[str]:
    """Ten digits after ``+1`` that are not texted, in any region of the plan."""
    regions = COUNTRY_CODE_TO_REGION_CODE[1]
    return re.compile("|".join(filter(None, (_pattern(region, _UNFIT) for region in regions))))


def _pattern(region: str, types: tuple[str, ...] = _TYPES) -> str:
    """The valid numbers of one region, of these types; no two regions share one. Empty: it has none."""
    metadata = PhoneMetadata.metadata_for_region(region)
    described = (getattr(metadata, name) for name in types)
    patterns = {d.national_number_pattern for d in described if d and d.national_number_pattern}
    return "(?:" + "|".join(sorted(patterns)) + ")(?![0-9])" if patterns else ""
