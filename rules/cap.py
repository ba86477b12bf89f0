"""Six texts an event: one slot is kept for the reminder until it is gone, one for a cancellation or move."""

from rules.events import counted, open_texts
from rules.policy import Policy
from schemas.rows import EventRow, PlannedText


def slots_left(event: EventRow, text: PlannedText, policy: Policy) -> int:
    """How many texts like this one may still go, this one included; 0: it is capped."""
    return max(policy.cap - len(set(counted(event))) - _kept_from(event, text), 0)


def _kept_from(event: EventRow, text: PlannedText) -> int:
    """Slots that this text must leave free. "The" reminder is the last one; a cancellation needs none."""
    if text.wording == "cancelled":
        return 0
    reminders = [r for r in open_texts(event, "interview_reminder") if r.text_id != text.text_id]
    if text.kind == "interview_reminder":
        return 2 if any(r.due_at > text.due_at for r in reminders) else 0
    return (1 if reminders else 0) + (0 if text.kind == "schedule_change" else 1)


def is_last_move(event: EventRow, text: PlannedText, policy: Policy) -> bool:
    """Whether no later move could be texted after this one: the text says so."""
    return text.wording == "moved" and slots_left(event, text, policy) == 1
