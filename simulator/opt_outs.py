"""Plivo's own opt-out (DND): per pair of our number and a phone, on whole-message keywords.

After STOP, one message is let through within five minutes; all others fail with code 200 until START.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Intent = Literal["optout", "optin", "help", ""]

ALLOWED_AFTER_STOP_S = 300.0

_WORDS: dict[str, Intent] = {
    **dict.fromkeys(
        ("STOP", "END", "QUIT", "CANCEL", "UNSUB", "STOPALL", "STOP ALL", "UNSUBSCRIBE"), "optout"
    ),
    **dict.fromkeys(("START", "UNSTOP"), "optin"),
    **dict.fromkeys(("HELP", "INFO"), "help"),
}

AUTO_REPLIES: dict[Intent, str] = {
    "optout": "You have been unsubscribed and will not receive any more messages from this number.",
    "optin": "You have been re-subscribed and will receive messages from this number.",
    "help": "Text STOP to stop receiving messages from this number. Message and data rates may apply.",
}


def meaning(text: str) -> Intent:
    """What a whole message means to the carrier: any case, blanks after it ignored; "Stop it!" is nothing."""
    return _WORDS.get(text.rstrip().upper(), "")


@dataclass
class _Block:
    since_s: float
    let_through: bool = False


class OptOuts:
    """Who is blocked; times in seconds of any one clock, `speedup` divides the five minutes."""

    def __init__(self, speedup: float = 1.0) -> None:
        self._window_s = ALLOWED_AFTER_STOP_S / speedup
        self._blocks: dict[tuple[str, str], _Block] = {}

    def heard(self, ours: str, phone: str, what: Intent, now_s: float) -> None:
        """Take in what a phone texted to our number."""
        if what == "optout":
            self._blocks[ours, phone] = _Block(now_s)
        elif what == "optin":
            self._blocks.pop((ours, phone), None)

    def passes(self, ours: str, phone: str, now_s: float) -> bool:
        """Whether a message to the phone goes through; the one allowed after STOP is used up by asking."""
        block = self._blocks.get((ours, phone))
        if block is None:
            return True
        if block.let_through or now_s - block.since_s > self._window_s:
            return False
        block.let_through = True
        return True

    def blocked(self, ours: str, phone: str) -> bool:
        """Whether the pair is blocked at all."""
        return (ours, phone) in self._blocks
