"""An example of every reason: who decides it, and a case of it. Shown in ``docs/reasons.md``."""

from dataclasses import dataclass
from typing import Literal

By = Literal["plan", "gate", "sender", "gate and sender"]
"""``plan``: the planner struck it; ``gate``: judged when due; ``sender``: judged right before the send."""


@dataclass(frozen=True)
class Example:
    """Who decides a reason, and a case of it."""

    by: By
    case: str


NOT_SENT: dict[str, Example] = {
    "opted_out": Example("gate and sender", "STOP came at 13:00; the reminder of 14:45 does not go."),
    "carrier_blocked": Example(
        "gate and sender",
        "The phone opted out at the carrier before we knew it: the carrier refused a text with error 200.",
    ),
    "consent_ended": Example(
        "gate and sender",
        "The participant pressed 'Remove my number' at 13:00; the reminder of 14:45 does not go.",
    ),
    "no_consent": Example(
        "sender", "A delivery that names no consent reached the sender: a fault of ours, so nothing goes."
    ),
    "workspace_off": Example(
        "gate and sender", "An admin turned SMS off for the workspace before the text was due."
    ),
    "study_off": Example(
        "gate and sender", "'Interview Reminder' was turned off for the study: none of its planned texts go."
    ),
    "capped": Example(
        "gate and sender",
        "Four texts went: a day-of update would take a place kept for the reminder or for a change.",
    ),
    "country_not_served": Example("gate", "The phone is British (+44) and the deployment serves US and CA."),
    "covered_by_confirmation": Example(
        "gate", "Booked at 14:50 for 15:00, with a lead of 15 minutes: the confirmation says it all."
    ),
    "covered_by_change": Example(
        "gate", "Moved at 14:50 to 15:00: the note of the new time is the reminder."
    ),
    "nothing_new": Example(
        "plan", "Moved from 15:00 to 16:00 and back within the minute: the phone knows 15:00."
    ),
    "coalesced": Example("plan", "Moved to 16:00, half a minute later to 17:00: one text goes, with 17:00."),
    "moved": Example(
        "plan", "The reminder for 15:00, when the interview moved to 16:00; another is planned."
    ),
    "cancelled": Example("plan", "The reminder, when the interview was cancelled at 13:00."),
    "phone_changed": Example("plan", "The reminder to the old phone, when the booking got another."),
    "held_unclear": Example(
        "gate and sender",
        "'Can we stop a bit earlier' came while the text was on its way: the phone is held.",
    ),
    "test_only": Example("sender", "TEXT_ONLY lists one number, and the text is for another."),
    "token_used": Example(
        "sender", "A repeated reply asked for a second answer; each reply entitles to one."
    ),
    "erased": Example("sender", "The person's data was erased on request before the text was due."),
    "expired": Example(
        "gate and sender", "Consent came at 15:20 for an interview at 15:00: too late to be of use."
    ),
}

WAITS: dict[str, Example] = {
    "waiting_for_consent": Example("gate", "Booked at noon, and nobody has submitted the sign-up page yet."),
    "waiting_for_start": Example(
        "gate", "STOP last month; today the sign-up page was submitted again, START has not come."
    ),
    "waiting_for_handover": Example(
        "gate",
        "The booking got another phone; what the first one was told is on its way to the second's row.",
    ),
    "held_unclear": Example("gate", "'Can we stop a bit earlier' was asked about, and not answered yet."),
}
