"""Phone numbers: read as people type them, refused with a reason; as the library, where we are faster."""

import random
import re

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.phones import country_of, is_unfit, parse_phone, served, zones_of


@pytest.mark.parametrize(
    ("raw", "region", "read"),
    [
        # North American, as it is typed
        ("+13306619491", None, "+13306619491"),
        ("+1 (330) 661-9491", None, "+13306619491"),
        ("330.661.9491", "US", "+13306619491"),
        ("1-330-661-9491", "CA", "+13306619491"),
        ("(330) 661 9491", "us", "+13306619491"),  # region in small letters
        ("876 555 1234", "JM", "+18765551234"),  # others with country code 1
        # elsewhere
        ("+447911123456", None, "+447911123456"),
        ("+44 (0)20 7946 0958", None, "+442079460958"),  # with the trunk zero
        ("(+44) 7911 123456", None, "+447911123456"),
        ("07911 123456", "GB", "+447911123456"),
        ("00 44 7911 123456", "FR", "+447911123456"),  # international prefix
        ("+39 06 698 12345", None, "+390669812345"),  # Italy keeps its zero
        ("+1 212 555 0123", "GB", "+12125550123"),  # a plus outweighs the region
        ("+1 212 555 0123", "nonsense", "+12125550123"),
        # other widths, scripts and blanks
        ("\uff0b\uff11\uff12\uff11\uff12\uff15\uff15\uff15\uff10\uff11\uff12\uff13", None, "+12125550123"),
        ("+\u0664\u0664\u0667\u0669\u0661\u0661\u0661\u0662\u0663\u0664\u0665\u0666", None, "+447911123456"),
        ("+1\u00a0212\u2013555\u202f0123", None, "+12125550123"),
        ("  +12125550123 ", None, "+12125550123"),
        # no number at all
        ("", None, "empty"),
        (" \n", "US", "empty"),
        ("+", None, "not_a_number"),
        ("()", "US", "not_a_number"),
        ("7", "US", "not_a_number"),
        # characters that do not belong
        ("+1 212 555 0123 x5", None, "bad_character"),  # an extension
        ("1-800-FLOWERS", "US", "bad_character"),
        ("tel:+12125550123", None, "bad_character"),
        ("+12125550123<+12125550124", None, "bad_character"),  # two destinations at the carrier
        ("+12125550123,+12125550124", None, "bad_character"),
        ("+1+2125550123", None, "bad_character"),
        ("2125550123+", "US", "bad_character"),
        ("+1212555\r\n0123", None, "bad_character"),
        ("+1212555\x000123", None, "bad_character"),
        ("\u202a+12125550123\u202c", None, "bad_character"),  # direction marks
        ("+1212555\u200b0123", None, "bad_character"),
        ("\ud800", None, "bad_character"),
        # region
        ("2125550123", None, "country_missing"),
        ("2125550123", "", "country_missing"),
        ("2125550123", "XX", "unknown_region"),
        ("+999 123 456 789", None, "unknown_country"),
        ("+0000000", None, "unknown_country"),
        # length and plan
        ("+1212555012", None, "too_short"),
        ("+121255501234", None, "too_long"),
        ("00 44", "FR", "too_short"),
        ("+" + "1" * 30, None, "too_long"),
        ("1" * 41, "US", "too_long"),
        ("+11115550123", None, "not_in_use"),
        ("212 055 0123", "US", "not_in_use"),
        ("+43 1 12", None, "not_in_use"),
        ("+49 110", None, "not_in_use"),  # emergency
        ("911", "US", "too_short"),
    ],
)
def test_read(raw: str, region: str | None, read: str) -> None:
    assert parse_phone(raw, region) == read


@given(st.text(max_size=50), st.none() | st.sampled_from(["US", "GB", "IT", "zz", ""]) | st.text(max_size=3))
def test_never_raises(raw: str, region: str | None) -> None:
    _checked(parse_phone(raw, region))


@given(
    st.text(alphabet="+0123456789 -().", max_size=24), st.sampled_from([None, "US", "CA", "GB", "IT", "DE"])
)
def test_what_is_read_is_e164_and_reads_the_same_again(raw: str, region: str | None) -> None:
    phone = parse_phone(raw, region)
    _checked(phone)
    if phone.startswith("+"):
        assert parse_phone(phone, None) == phone


def _checked(read: str) -> None:
    assert re.fullmatch(r"\+[1-9][0-9]{6,14}|[a-z_]+", read)


def _by_library(raw: str, region: str | None) -> str | None:
    try:
        number = phonenumbers.parse(raw, region)
    except phonenumbers.NumberParseException:
        return None
    valid = phonenumbers.is_valid_number(number)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if valid else None


def test_north_american_numbers_are_read_as_the_library_reads_them() -> None:
    """All area codes, random numbers, the usual notations: the same verdict, number and region."""
    rnd = random.Random(7)
    numbers = [f"{area}{rnd.randrange(10**7):07}" for area in range(1000) for _ in range(6)]
    numbers += [f"{rnd.randrange(200, 1000)}{rnd.randrange(2 * 10**6, 10**7)}" for _ in range(6000)]
    for number in numbers:
        shape, region = rnd.choice(SHAPES)
        raw = shape.format(area=number[:3], exchange=number[3:6], line=number[6:])
        expected = _by_library(raw, region)
        read = parse_phone(raw, region)
        assert (read if read.startswith("+") else None) == expected, raw
        if expected is not None:
            assert country_of(read) == phonenumbers.region_code_for_number(phonenumbers.parse(read))


SHAPES: list[tuple[str, str | None]] = [
    ("+1{area}{exchange}{line}", None),
    ("+1 ({area}) {exchange}-{line}", "GB"),
    ("{area}-{exchange}-{line}", "US"),
    ("1.{area}.{exchange}.{line}", "CA"),
    ("({area}) {exchange} {line}", "JM"),
]


@pytest.mark.parametrize(
    ("phone", "country"),
    [
        ("+13306619491", "US"),
        ("+14165550123", "CA"),
        ("+18765551234", "JM"),  # shares country code 1
        ("+11115550123", None),  # no such number
        ("+447911123456", "GG"),  # Guernsey shares 44
        ("+442079460958", "GB"),
        ("+870773111632", None),  # a satellite has no country
        ("nonsense", None),
        ("", None),
    ],
)
def test_country(phone: str, country: str | None) -> None:
    assert country_of(phone) == country
    assert served(phone, frozenset({"US", "CA"})) is (country in ("US", "CA"))


@pytest.mark.parametrize(
    ("phone", "zones"),
    [
        ("+13306619491", ("America/New_York",)),
        ("+14165550123", ("America/Toronto",)),
        ("+33612345678", ("Europe/Paris",)),
        ("+870773111632", ()),  # a satellite may be anywhere
        ("nonsense", ()),
    ],
)
def test_zones(phone: str, zones: tuple[str, ...]) -> None:
    assert zones_of(phone) == zones


def test_a_toll_free_number_has_many_zones() -> None:
    assert len(zones_of("+18005551234")) > 10


@pytest.mark.parametrize(
    ("phone", "unfit"),
    [
        ("+19005550123", True),  # premium rate
        ("+15005550123", True),  # personal number
        ("+13308235501", False),
        ("+18005550123", True),  # toll-free
        ("+16002550123", True),  # VoIP in Canada
        ("+445612345678", True),  # VoIP in Britain
        ("+448001111234", True),  # toll-free in Britain
        ("+449098790000", True),  # premium rate in Britain
        ("+447400123456", False),
    ],
)
def test_numbers_that_are_no_persons_phone_are_not_texted(phone: str, unfit: bool) -> None:
    assert is_unfit(phone) is unfit
    assert served(phone, frozenset({"US", "CA", "GB"})) is not unfit
