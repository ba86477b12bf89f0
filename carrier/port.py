"""The port to a carrier: what is asked of it, and the closed list of what may have come of a send.

``Outcome``
  ``Taken``     the carrier has it
  ``NotBegun``  surely not: no byte was written, or it was refused; ``then`` says what to do
  ``Unclear``   it may have it: never again without evidence
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

LIST_PAGE = 20
"""Rows that one look into the carrier's list shows at most."""
Then = Literal["again", "never", "pause", "stop"]
"""again: with backoff until ``not_after``; never: reject; pause: the account can't send for a while;
stop: the account is refused, a person must look."""


@dataclass(frozen=True)
class Taken:
    """Accepted, with the carrier's id."""

    carrier_uuid: str


@dataclass(frozen=True)
class NotBegun:
    """Surely not accepted."""

    reason: str
    then: Then = "again"
    retry_after_s: float | None = None


@dataclass(frozen=True)
class Unclear:
    """The carrier may have accepted it."""

    reason: str


Outcome = Taken | NotBegun | Unclear


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """A text to send: one destination, E.164."""

    to: str
    body: str
    callback_url: str
    expiry_s: int
    """How long the carrier may queue it."""


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A row of the carrier's message list. Holds no text."""

    carrier_uuid: str
    inbound: bool
    to: str
    sender: str
    state: str
    error_code: str
    at: datetime


class ListRefused(Exception):
    """The carrier's list could not be read: too many requests, or no answer."""


class Carrier(Protocol):
    """A carrier. Methods block: call them in a thread of a bounded pool."""

    def send(self, text: Outgoing, may_begin: Callable[[], bool]) -> Outcome:
        """Try once; never raises. ``may_begin`` is asked on the open connection, before the first byte."""

    def listed(
        self, *, inbound: bool, phone: str | None, since: datetime, until: datetime, offset: int = 0
    ) -> list[Listed]:
        """What the carrier's list shows between two times, of one phone or of all, from row ``offset`` on.

        At most ``LIST_PAGE`` rows; fewer mean that there are no more. Raises ``ListRefused``.
        """
