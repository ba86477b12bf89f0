"""How many units a text is billed as: GSM 03.38 with 160 or 153 a part, else UCS-2 with 70 or 67."""

from __future__ import annotations

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("^{}\\[~]|€\f")

MAX_GSM = 1600
MAX_UCS2 = 737


def is_gsm(text: str) -> bool:
    """Whether every character is in the GSM alphabet or its extension."""
    return all(char in _BASIC or char in _EXTENDED for char in text)


def units(text: str) -> int:
    """Parts the text is sent in, at least 1."""
    if is_gsm(text):
        return _parts(sum(2 if char in _EXTENDED else 1 for char in text), single=160, joined=153)
    return _parts(len(text.encode("utf-16-be")) // 2, single=70, joined=67)


def _parts(length: int, *, single: int, joined: int) -> int:
    return 1 if length <= single else -(-length // joined)


def too_long(text: str, measure: str) -> str | None:
    """Plivo's complaint about a text over its limit, or None; `measure` is `chars` or `bytes`."""
    if is_gsm(text):
        return f"text parameter length exceeds {MAX_GSM} characters" if len(text) > MAX_GSM else None
    length = len(text.encode()) if measure == "bytes" else len(text)
    return f"text parameter length exceeds {MAX_UCS2} unicode characters" if length > MAX_UCS2 else None
