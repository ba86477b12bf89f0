"""When a reminder may go a second time: after the carrier's silence, or a loss in its network. Pure.

Only under the policy ``verified``, once a text: a second try is a new message, perhaps a second delivery.
"""

from datetime import datetime, timedelta

NO_EVIDENCE = "no_evidence"
"""Why a first try was given up: nobody knows of it. It stays counted."""
LOST = "lost by the network, carrier code "
"""Begins why: the carrier had it, and reports with this code that it did not arrive. It stays counted."""
LATER = ("20", "80")
"""Plivo's codes of a network or a phone that is away for a while."""
AT_ONCE = ("300", "1000")
"""Plivo's codes of a message not dispatched, and of errors without a name."""


def may_pass(status: str, code: str) -> bool:
    """Whether a delivery report tells of a loss that a second try may not meet."""
    return status in ("failed", "undelivered") and code in (*LATER, *AT_ONCE)


def again_at(code: str, lost_at: datetime, not_after: datetime, later: timedelta) -> datetime:
    """When a lost text is tried again: at once, or ``later``, but in the first half of the time left."""
    return lost_at if code in AT_ONCE else lost_at + min(later, (not_after - lost_at) / 2)
