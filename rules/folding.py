"""Names that people gave, made fit for a text: GSM-7, no links, bounded."""

# ruff: noqa: RUF001 (look-alike characters are the subject here)

import re
import unicodedata
from functools import lru_cache

from rules.segments import is_gsm7, septets

NAME_MAX = 80
"""Septets of a name in a text; a longer one ends in three dots."""

_SPELLED = {
    ord(char): spelled
    for chars, spelled in (
        ('‘’‚‛′`´ʼʹ"“”„‟″«»‹›', "'"),  # a reader of replies must know where a quoted text of ours ends
        ("‐‑‒–—―−⁃", "-"),
        ("×", "x"),
        ("⁄", "/"),
        ("•·●", "-"),
        ("ł", "l"),
        ("Ł", "L"),
        ("đð", "d"),
        ("ĐÐ", "D"),
        ("ħ", "h"),
        ("Ħ", "H"),
        ("ı", "i"),
        ("œ", "oe"),
        ("Œ", "OE"),
        ("þ", "th"),
        ("Þ", "Th"),
        ("ẞ", "SS"),
    )
    for char in chars
}
_DROPPED = frozenset("¡¿")
"""In the alphabet, but carriers have billed texts with them as Unicode."""

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_WWW = re.compile(r"\bwww\b\.?", re.IGNORECASE)
_DOT_IN_DOMAIN = re.compile(r"(?<=\S)\.+(?=[^\W\d_]{2})")
_DOT_IN_ADDRESS = re.compile(r"(?<=\d)\.(?=\d+\.\d)")


@lru_cache(maxsize=4096)
def to_gsm7(text: str) -> str:
    """The text in GSM-7: look-alikes spelled out, accents it lacks dropped, the rest left out.

    Never a question mark in place of a character; one blank for any run of blanks.
    """
    return " ".join("".join(_folded(char) for char in unicodedata.normalize("NFC", text)).split())


def _folded(char: str) -> str:
    if char.isspace():
        return " "
    if char in _DROPPED or unicodedata.category(char) in ("Cc", "Cf", "Co", "Cs", "Cn"):
        return ""
    char = _SPELLED.get(ord(char), char)
    if is_gsm7(char):
        return char
    return "".join(
        part
        for part in unicodedata.normalize("NFKD", char).translate(_SPELLED)
        if is_gsm7(part) and part not in _DROPPED
    )


def without_links(text: str) -> str:
    """The text with nothing a phone would turn into a link: no scheme, no ``www``, no dot inside a domain."""
    text = _SCHEME.sub(" ", text).replace("://", " ")
    text = _DOT_IN_ADDRESS.sub(" ", _DOT_IN_DOMAIN.sub(" ", _WWW.sub(" ", text)))
    return " ".join(text.split())


def bounded(text: str, limit: int) -> str:
    """A GSM-7 text of at most ``limit`` septets."""
    if septets(text) <= limit:
        return text
    kept = text[: limit - 3]
    while septets(kept) > limit - 3:
        kept = kept[:-1]
    return kept.rstrip(" .,-") + "..."


@lru_cache(maxsize=4096)
def fold_name(name: str, *, otherwise: str) -> str:
    """A name for a text; ``otherwise`` if most of its letters are of an alphabet that GSM-7 lacks."""
    folded = without_links(to_gsm7(name))
    letters = sum(char.isalnum() for char in name)
    kept = sum(char.isalnum() for char in folded)
    return bounded(folded, NAME_MAX) if folded and kept * 2 >= letters else otherwise
