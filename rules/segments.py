"""How many parts the carrier bills for a text: 3GPP TS 23.038 (GSM 03.38) alphabet, 23.040 concatenation."""

import re

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""One septet each."""
EXTENSION = frozenset("\f^{}\\[~]|€")
"""Two septets each: an escape and the character."""

GSM_ONE, GSM_PART = 160, 153
UCS2_ONE, UCS2_PART = 70, 67

_GSM7 = re.compile(f"[{re.escape(''.join(BASIC | EXTENSION))}]*")
_PLAIN = re.compile(f"[{re.escape(''.join(BASIC))}]*")


def is_gsm7(text: str) -> bool:
    """Whether every character is in the GSM 7-bit alphabet or its extension table."""
    return _GSM7.fullmatch(text) is not None


def septets(text: str) -> int:
    """The length of a GSM-7 text in septets."""
    return len(text) + sum(char in EXTENSION for char in text)


def segments(text: str) -> int:
    """The number of parts a text is sent as; at least 1. No character is split between two parts."""
    if _PLAIN.fullmatch(text):  # nearly all: nothing that a cut could split
        return 1 if len(text) <= GSM_ONE else -(-len(text) // GSM_PART)
    if is_gsm7(text):
        return _parts([2 if char in EXTENSION else 1 for char in text], GSM_ONE, GSM_PART)
    return _parts([2 if ord(char) > 0xFFFF else 1 for char in text], UCS2_ONE, UCS2_PART)


def _parts(lengths: list[int], one: int, part: int) -> int:
    if sum(lengths) <= one:
        return 1
    count, room = 1, part
    for length in lengths:
        if length > room:
            count, room = count + 1, part
        room -= length
    return count
