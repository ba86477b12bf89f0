"""What the carrier does with a message: words joined by `+`, chosen by number or by the admin route.

Answers (the words of `simulator.answers`): `202` and its variants, refusals by status, `hang`, `close`, …
`accepted` or `unaccepted`: whether the carrier has the message, if that is not as the answer suggests.
Ends: `delivered` · `undelivered:CODE` · `failed:CODE` · `sent` (for ever) · `silent` (stays queued).
Reports: `duplicated` · `reordered` · `delayed:SECONDS` · `early` (before the answer) · `unknown-uuid` ·
`unknown-status` · `extra-keys` · `lost`.
Example: `hang+undelivered:50+duplicated`.

Magic numbers, +1 500 555 and four digits: 0SSS answers with status SSS; 1CCC ends undelivered and 2CCC failed
with code CCC (000: 1000); 3NNN as listed in `NUMBERED`. All other numbers are delivered.
"""

from __future__ import annotations

from collections import deque
from typing import get_args

import msgspec

from simulator.answers import ACCEPTING, ANSWERS, AnswerName

MAGIC_PREFIX = "+1500555"
ANY_NUMBER = "*"

_ENDS = frozenset({"delivered", "undelivered", "failed", "sent", "silent"})
_FAULTS = frozenset(
    {"duplicated", "reordered", "delayed", "early", "unknown-uuid", "unknown-status", "extra-keys", "lost"}
)
_DEFAULT_CODES = {"undelivered": "50", "failed": "300"}

NUMBERED = {
    "000": "hang",
    "001": "hang+unaccepted",
    "002": "close",
    "003": "close+unaccepted",
    "004": "reset",
    "005": "truncated",
    "006": "drip",
    "007": "202-empty",
    "008": "202-html",
    "009": "202-no-uuid",
    "010": "302",
    "011": "429-html",
    "012": "429-empty",
    "013": "429-json",
    "014": "500+accepted",
    "015": "503+accepted",
    "016": "sent",
    "017": "silent",
    "018": "lost",
    "019": "duplicated",
    "020": "reordered",
    "021": "early",
    "022": "delayed:5",
    "023": "unknown-uuid",
    "024": "unknown-status",
    "025": "extra-keys",
    "026": "hang+lost",
}
"""What 3NNN asks for."""


class Behaviour(msgspec.Struct, frozen=True, kw_only=True):
    """One parsed behaviour; `written` is what it was parsed from."""

    written: str = "202"
    answer: AnswerName = "202"
    accepted: bool = True
    end: str = "delivered"
    error_code: str = ""
    faults: frozenset[str] = frozenset()
    delay_s: float = 0.0


PLAIN = Behaviour()


def parse(written: str) -> Behaviour:
    """The behaviour in a line of words; ValueError names the word that means nothing."""
    fields: dict[str, object] = {}
    faults: set[str] = set()
    forced: bool | None = None
    for word in written.split("+"):
        name, _, argument = word.strip().partition(":")
        if name in ANSWERS:
            fields["answer"] = name
        elif name in ("accepted", "unaccepted"):
            forced = name == "accepted"
        elif name in _ENDS:
            fields |= {"end": name, "error_code": argument or _DEFAULT_CODES.get(name, "")}
        elif name in _FAULTS:
            faults.add(name)
            fields |= {"delay_s": float(argument)} if name == "delayed" and argument else {}
        else:
            raise ValueError(f"unknown behaviour: {word}")
    accepted = fields.get("answer", "202") in ACCEPTING if forced is None else forced
    return msgspec.convert(fields | {"written": written, "accepted": accepted, "faults": faults}, Behaviour)


def magic(number: str) -> Behaviour | None:
    """The behaviour a number itself asks for, if it is a magic one."""
    suffix = number.removeprefix(MAGIC_PREFIX)
    if suffix == number or len(suffix) != 4:
        return None
    kind, rest = suffix[0], suffix[1:]
    if kind == "0" and rest in get_args(AnswerName):
        return parse(rest)
    if kind in "12":
        end = "undelivered" if kind == "1" else "failed"
        return parse(f"{end}:{'1000' if rest == '000' else rest.lstrip('0')}")
    if kind == "3" and rest in NUMBERED:
        return parse(NUMBERED[rest])
    return None


class Script:
    """Behaviours ordered by the admin route: for a number or `*`, a number of times, first in first out."""

    def __init__(self) -> None:
        self._orders: dict[str, deque[tuple[Behaviour, int | None]]] = {}

    def order(self, number: str, behaviour: Behaviour, count: int | None) -> None:
        """Have the next `count` messages to the number (None: all) behave so."""
        self._orders.setdefault(number, deque()).append((behaviour, count))

    def clear(self) -> None:
        """Forget all orders."""
        self._orders.clear()

    def take(self, number: str) -> Behaviour:
        """The behaviour for a message to this number: ordered for it, ordered for all, magic, plain."""
        return self._next(number) or self._next(ANY_NUMBER) or magic(number) or PLAIN

    def _next(self, number: str) -> Behaviour | None:
        orders = self._orders.get(number)
        if not orders:
            return None
        behaviour, left = orders.popleft()
        if left is None or left > 1:
            orders.appendleft((behaviour, left and left - 1))
        return behaviour
