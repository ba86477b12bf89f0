"""Segment counts after GSM 03.38, at each edge."""

# ruff: noqa: RUF001 (look-alike characters are the subject here)

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.segments import BASIC, EXTENSION, is_gsm7, segments, septets


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 1),  # an empty text is still a message
        ("a" * 160, 1),  # one part holds 160 septets
        ("a" * 161, 2),  # then 153 to a part
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),  # extension characters are two septets
        ("€" * 80 + "a", 2),
        ("a" * 152 + "€" + "a" * 152, 3),  # 306 septets, but an escape may not end a part
        ("a" * 153 + "€" + "a" * 151, 2),  # the same length, with the escape at the head of the second
        ("{" * 76 + "}" * 76, 2),  # 304 septets: 76 pairs a part, one septet left over in each
        ("{" * 153, 3),  # 306 septets: the pair that does not fit goes to a third
        ("я" * 70, 1),  # one character outside the alphabet makes all of it UCS-2
        ("я" * 71, 2),
        ("я" * 134, 2),
        ("я" * 135, 3),
        ("a" * 70 + "’", 2),  # a curly quote costs a part
        ("😀" * 35, 1),  # two UTF-16 units each
        ("😀" * 36, 2),
        ("😀" * 66, 2),  # 33 pairs a part, one unit left over
        ("😀" * 67, 3),  # 134 units, but a surrogate pair may not be split
        ("я" * 67 + "😀" * 33, 2),
        ("\ud800" * 70, 1),  # a lone surrogate is one unit
    ],
)
def test_count(text: str, count: int) -> None:
    assert segments(text) == count


def test_alphabet_has_127_characters_and_the_escape() -> None:
    assert len(BASIC) == 127
    assert len(EXTENSION) == 10
    assert not BASIC & EXTENSION


@given(st.text(alphabet=sorted(BASIC | EXTENSION), max_size=700))
def test_never_fewer_parts_than_the_septets_need(text: str) -> None:
    assert is_gsm7(text)
    count = segments(text)
    if septets(text) <= 160:
        assert count == 1
    else:
        assert septets(text) / 153 <= count <= septets(text) / 152 + 1


@given(st.text(max_size=300))
def test_never_fewer_parts_than_the_units_need(text: str) -> None:
    units = len(text.encode("utf-16-le", "surrogatepass")) // 2
    if not is_gsm7(text) and units > 70:
        assert units / 67 <= segments(text) <= units / 66 + 1
