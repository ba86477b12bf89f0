"""Names that people gave, made fit for a text."""

# ruff: noqa: RUF001 (look-alike characters are the subject here)

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.folding import NAME_MAX, bounded, fold_name, to_gsm7
from rules.segments import is_gsm7, septets


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("Acme Research", "Acme Research"),
        ("Acme’s “UX” Lab", "Acme's 'UX' Lab"),  # curly quotes
        ('The "Lab"', "The 'Lab'"),  # straight double quotes too: they end a quoted text of ours
        ("Acme – Research — Lab", "Acme - Research - Lab"),  # dashes
        ("Acme\u00a0Research\u2009Lab", "Acme Research Lab"),  # blanks of other widths
        ("Ac\u200bme\ufeff \u200fLab\u00ad", "Acme Lab"),  # zero width, direction marks, soft hyphen
        ("Acme\r\n\tLab\x00\x1b[31m", "Acme Lab[31m"),  # control characters
        ("Café Zürich Ñandú Ålesund", "Café Zürich Ñandu Ålesund"),  # accents in the alphabet stay
        ("Cafe\u0301", "Café"),  # also when they came decomposed
        ("Čeština Łódź François İzmir", "Cestina Lodz Francois Izmir"),  # others leave their letter
        ("Œuvre & Þór", "OEuvre & Thor"),  # spelled out
        ("ﬁne ①② ½ ™", "fine 12 1/2 TM"),  # compatibility forms
        ("Who? What?", "Who? What?"),  # a question mark stays one
        ("¿Qué? ¡Sí!", "Qué? Si!"),  # in the alphabet, but billed as Unicode by some carriers
        ("Rally 🚀 Lab", "Rally Lab"),  # what has no equal is left out, never "?"
        ("東京 UX", "UX"),  # half of the letters are kept
        ("株式会社リサーチ UX", "your research team"),  # most are lost: no torn name
        ("Исследование", "your research team"),  # a Cyrillic name
        ("🚀", "your research team"),
        ("", "your research team"),
        ("  ", "your research team"),
        ("acme.com", "acme com"),  # a domain
        ("visit https://evil.example/x now", "visit evil example/x now"),  # a URL
        ("HTTP://WWW.EVIL.CO.UK", "EVIL CO UK"),
        ("evil．com and evil․com", "evil com and evil com"),  # dots of other widths
        ("ev\u200bil.c\u200bom", "evil com"),  # joined by folding first
        ("see javascript://research", "see research"),
        ("10.0.0.1", "10 0 0.1"),  # an address
        ("St. Mary's", "St. Mary's"),  # a dot at the end of a word stays
        ("Web 2.0 Lab", "Web 2.0 Lab"),  # so does a version
        ("U.S. Bank", "U.S. Bank"),  # and initials
        ("{ws} {link}", "{ws} {link}"),  # a name is no template
        ("A" * 90, "A" * 77 + "..."),  # bounded
        ("A" * 70 + " Research Team", "A" * 70 + " Resear..."),
        ("[" * 60, "[" * 38 + "..."),  # in septets, not characters
    ],
)
def test_fold_name(name: str, folded: str) -> None:
    assert fold_name(name, otherwise="your research team") == folded


@given(st.text(max_size=250))
def test_a_folded_name_is_gsm7_bounded_and_no_link(name: str) -> None:
    folded = fold_name(name, otherwise="your research team")
    assert is_gsm7(folded)
    assert folded == " ".join(folded.split()) != ""
    assert septets(folded) <= NAME_MAX
    assert not re.search(r"://|\bwww\b|\S\.[^\W\d_]{2}|\d\.\d+\.\d", folded, re.IGNORECASE)


@given(st.from_regex(r"(https?://)?(www\.)?[a-z0-9-]{1,20}(\.[a-z]{2,5}){1,3}(/[a-z]{0,9})?", fullmatch=True))
def test_no_domain_survives(url: str) -> None:
    folded = fold_name(f"Lab {url} Lab", otherwise="x")
    assert not re.search(r"\w\.\w|://", folded)


@given(st.text(max_size=100))
def test_a_question_mark_never_stands_for_something_else(text: str) -> None:
    assert to_gsm7(text).count("?") <= sum(char in "?？﹖︖⁇⁈⁉‽⁇" for char in text) * 2


@given(st.text(alphabet="ab[€ .", max_size=60), st.integers(5, 40))
def test_bounded_keeps_to_its_limit(text: str, limit: int) -> None:
    assert septets(bounded(text, limit)) <= limit
    assert bounded(text, 200) == text
