"""What does a reply mean? A keyword however typed, a clear phrase, or something a person must settle.

Words and phrases are data (``rules.words``). What asks for silence plainly opts out at once; a keyword in
the midst of a sentence holds the phone until it is asked; nothing but START and UNSTOP opts in again.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote_plus

from rules import words

Kind = Literal["opt_out", "opt_in", "help", "held", "wrong_number", "other"]


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What a reply means, and the folded word or phrase that decided (``intent:`` if the carrier's reading).

    ``cancel``: CANCEL was used. It may be meant for the booking, so somebody is told.
    """

    kind: Kind
    word: str = ""
    cancel: bool = False


def classify(text: str, intent: str) -> Reply:
    """The meaning of a reply; ``intent`` is the carrier's own reading: ``optout optin help`` or empty.

    The carrier's ``optout`` always counts, its ``optin`` never: that takes the words themselves.
    """
    read = _read(_without_quotes(text))
    if intent == "optout" and read.kind != "opt_out":
        return Reply(kind="opt_out", word="intent:optout", cancel=read.cancel)
    if intent == "help" and read.kind == "other":
        return Reply(kind="help", word="intent:help", cancel=read.cancel)
    return read


def contains_opt_out(raw: bytes) -> bool:
    """Whether a request body that could not be read holds an opt-out word: then it must count as one."""
    text = unquote_plus(unquote_plus(raw.decode(errors="replace")))
    said = _tokens(text)
    return _held_by(said) is not None or any(token in words.ORDINARY_WORDS for token in said)


# Folding

_INVISIBLE = frozenset("\u115f\u1160\u3164\uffa0\u2800")
"""Letters and symbols by category, blanks to the eye."""
_APOSTROPHES = frozenset("'`\u00b4\u2018\u2019\u201b\u02bc\u2032\uff07")
_PAUSES = frozenset(".,;:!?\n\u2026\u2013\u2014")
_SAME_LETTER = {"\u0131": "i", "\U0001f6d1": " stop "}
"""Dotless i, and the stop sign."""
_QUOTE = '"\u201c\u201d\u201e\u00ab\u00bb'
_QUOTED_TEXT = re.compile(
    rf"[{_QUOTE}]\s*Rally\b[^{_QUOTE}]*Reply (?:STOP|START)\b[^{_QUOTE}]*(?:[{_QUOTE}]|$)", re.IGNORECASE
)


def _without_quotes(text: str) -> str:
    """The reply without texts of ours that it quotes: phones send `Liked "Rally: ... Reply STOP ..."`."""
    return _QUOTED_TEXT.sub(" ", text)


def _fold(text: str) -> str:
    """Small letters, digits and blanks; ``.`` where the text paused."""
    return "".join(_folded(char) for char in unicodedata.normalize("NFKD", text).casefold())


def _folded(char: str) -> str:
    if char in _SAME_LETTER:
        return _SAME_LETTER[char]
    if char in _PAUSES:
        return " . "
    category = unicodedata.category(char)
    if char in _APOSTROPHES or category in ("Mn", "Me", "Cf") or (category == "Cc" and not char.isspace()):
        return ""
    return char if char.isalnum() and char not in _INVISIBLE else " "


def _tokens(text: str) -> list[str]:
    """The folded words; letters typed apart are put together."""
    return _SPELT.sub(_put_together, _fold(text).replace(".", " ")).split()


_SPELT = re.compile(r"\b\w(?: +\w)+\b")
"""Single letters: s t o p."""


def _put_together(letters: re.Match[str]) -> str:
    run = letters[0].replace(" ", "")
    word = next((word for word in _SINGLE_WORDS if word in run), None)
    return letters[0] if word is None else f" {word} ".join(run.split(word))


# Reading

_LISTED = {word.replace(" ", ""): word for listed in words.OPT_OUT_LISTS for word in listed.words}
"""Opt-out keywords without blanks, and as they are listed."""
_DOUBLED = re.compile(r"(\w)\1+")
_SLURRED = {_DOUBLED.sub(r"\1", compact): word for compact, word in _LISTED.items()}
"""The same with no letter doubled: stoppp."""
_SINGLE_WORDS = tuple(
    sorted((w for w in _LISTED.values() if len(w) > 3 and " " not in w), key=len, reverse=True)
)
_STRONG_WORDS = {w for listed in words.OPT_OUT_LISTS for w in listed.words} - words.ORDINARY_WORDS
_HELP_WORDS = frozenset(words.HELP_LIST.words)
_OPT_IN_WORDS = frozenset(words.OPT_IN_LIST.words)


def _any_of(*patterns: str) -> str:
    return "|".join(f"(?:{pattern})" for pattern in patterns)


_UNIT = re.compile(
    rf"(?:(?P<opt_out>{_any_of(*words.STOP_PHRASES, *sorted(_STRONG_WORDS))})"
    rf"|(?P<wrong_number>{_any_of(*words.WRONG_NUMBER_PHRASES)})"
    rf"|(?P<help>{_any_of(*words.HELP_PHRASES, *sorted(_HELP_WORDS))})"
    rf"|(?P<other>{_any_of(*words.COURTESY)}))(?: |$)"
)
_UNCLEAR = re.compile(rf"\b(?:{_any_of(*words.UNCLEAR_PHRASES, *sorted(_STRONG_WORDS))})\b")
_NOT_STOP = re.compile(
    rf"(?:(?:{_any_of(*words.COURTESY)}) )*(?:{_any_of(*words.CLEARLY_NOT_STOP)})(?: please)?"
)


def _read(text: str) -> Reply:
    said = _tokens(text)
    cancel = any(token in words.CANCEL_WORDS for token in said)
    unspaced = "".join(_fold(text).replace(".", " ").split())
    if unspaced in _OPT_IN_WORDS:
        return Reply(kind="opt_in", word=unspaced)
    keyword = _keyword(unspaced, said)
    if keyword is not None:
        return Reply(kind="opt_out", word=keyword, cancel=cancel or keyword in words.CANCEL_WORDS)
    if unspaced in _HELP_WORDS:
        return Reply(kind="help", word=unspaced)
    return _phrase(said) or _sentence(text, said, cancel=cancel)


def _keyword(unspaced: str, said: list[str]) -> str | None:
    """The opt-out keyword that is all of the reply, or the first if it is nothing but keywords."""
    slurred = _DOUBLED.sub(r"\1", unspaced)
    if unspaced in _LISTED or slurred in _SLURRED:
        return _LISTED.get(unspaced) or _SLURRED[slurred]
    return said[0] if said and all(token in _LISTED for token in said) else None


def _phrase(said: list[str]) -> Reply | None:
    """The meaning of a reply made of known phrases and courtesy alone. Silence outweighs all else."""
    text, found, at = " ".join(said), dict[str, str](), 0
    while at < len(text):
        unit = _UNIT.match(text, at)
        if unit is None or unit.lastgroup is None:
            return None
        found.setdefault(unit.lastgroup, unit[unit.lastgroup])
        at = unit.end()
    order: tuple[Kind, ...] = ("opt_out", "wrong_number", "help")
    return next((Reply(kind=kind, word=found[kind]) for kind in order if kind in found), None)


def _sentence(text: str, said: list[str], *, cancel: bool) -> Reply:
    """Anything else: held if it may mean STOP. END and CANCEL in a sentence are for staff to read."""
    word = _held_by(said)
    if word is None:
        word = next((token for token in said if token in words.ORDINARY_WORDS), "")
        return Reply(kind="other", word=word, cancel=cancel)
    unbroken = " ".join(_fold(text).split()).strip(" .")
    if _NOT_STOP.fullmatch(unbroken):
        return Reply(kind="other", word=f"not {word}", cancel=cancel)
    return Reply(kind="held", word=word, cancel=cancel)


def _held_by(said: list[str]) -> str | None:
    found = _UNCLEAR.search(" ".join(said))
    return found[0] if found else None
