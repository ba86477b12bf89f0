"""A person's word on a send of which no evidence came: what it adds to the journal. Pure.

It never makes a second try: what was not sent stays unsent, and leaves the count of six.
"""

from datetime import datetime

from schemas.deliveries import TextRef
from schemas.journal import Accepted, Rejected

BY_HAND = "by hand: "
"""Begins the reason of an end that rests on a person's word."""


def was_accepted(text: TextRef, attempt: int, *, carrier_uuid: str, at: datetime) -> Accepted:
    """The carrier's own records show the text, under this id."""
    return Accepted(
        text=text, attempt=attempt, claim_id=None, carrier_uuid=carrier_uuid, evidence="operator", at=at
    )


def was_not_sent(text: TextRef, attempt: int, *, note: str, at: datetime) -> Rejected:
    """The carrier's own records don't show it. ``note``: who looked and where, in a line."""
    reason = f"{BY_HAND}{' '.join(note.split())}"[:200]
    return Rejected(text=text, attempt=attempt, claim_id=None, reason=reason, at=at)
