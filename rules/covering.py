"""A reminder that a text about the same start makes needless, because it goes when the reminder is due.

So an interview booked or moved within the lead is announced once, not twice; and a consent that comes within
the lead releases the confirmation alone.
"""

from collections.abc import Iterable

from rules.events import ANNOUNCEMENTS, announced
from schemas.reasons import Suppression
from schemas.rows import EventRow, PlannedText


def covered(event: EventRow, reminder: PlannedText, coming: Iterable[PlannedText]) -> Suppression | None:
    """Why this due reminder need not go, if so.

    ``coming``: open texts of the event that will go; what went since the reminder was due is in the row.
    """
    went = [text for text in announced(event) if text.released_at and text.released_at >= reminder.due_at]
    for other in (*went, *coming):
        if other.kind in ANNOUNCEMENTS and other.told == reminder.told:
            return "covered_by_confirmation" if other.kind == "confirmation" else "covered_by_change"
    upstream_at = event.told_by_upstream_at
    if event.told_by_upstream == reminder.told and upstream_at and upstream_at >= reminder.due_at:
        return "covered_by_confirmation"
    return None
