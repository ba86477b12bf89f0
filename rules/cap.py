"""Six texts an event: one slot is kept for the reminder until it is gone, one for a cancellation or move."""

from rules.events import open_texts
from rules.policy import Policy
from schemas.rows import EventRow, PlannedText


def slots_left(event: EventRow, text: PlannedText, policy: Policy) -> int:
    """How many texts like this one may still go, this one included; 0: it is capped."""
    free = policy.cap - len(set(event.counted_ids))
    if text.kind == "interview_reminder" or text.wording == "cancelled":
        return max(free, 0)
    kept = 1 if any(open_texts(event, "interview_reminder")) else 0
    if text.kind != "schedule_change":
        kept += 1
    return max(free - kept, 0)


def is_last_move(event: EventRow, text: PlannedText, policy: Policy) -> bool:
    """Whether no later move could be texted after this one: the text says so."""
    return text.wording == "moved" and slots_left(event, text, policy) == 1
