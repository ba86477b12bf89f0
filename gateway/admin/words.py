"""The pages' words for states, reasons and what replies were taken for. Pure."""

from typing import Any

from records.admin_standing import Standing
from rules.sentences import NOTICES, REPORTS, not_sent, too_late
from schemas.bookings import DayOfKind

STANDINGS: dict[Standing, str] = {
    "ok": "This phone may be texted.",
    "no_phone": "No phone is known: neither the booking nor a sign-up gave one.",
    "no_consent": "There is no consent for this interview. Texts wait until it comes.",
    "consent_ended": "The consent was withdrawn. No texts go.",
    "opted_out": "This phone replied STOP. No texts go until START comes from it.",
    "waiting_for_start": "Consent came after a STOP. Texts wait until START comes from the phone.",
    "held_unclear": "A reply was unclear. Texts wait until START or STOP comes from the phone.",
}

UPDATES: dict[DayOfKind, str] = {
    "interviewer_late": "Interviewer is late",
    "join_link_changed": "Join link changed",
    "place_changed": "Place changed",
    "materials_needed": "Materials needed",
}

WORDS = {
    "opt_out": "STOP: opted out everywhere",
    "opt_in": "START",
    "help": "HELP: answered",
    "held": "unclear: held until STOP or START",
    "wrong_number": "wrong number: all consents of the phone ended",
    "other": "a message to read",
}


def word_of(kind: str) -> str:
    """What a kind of reply or notice means."""
    return WORDS.get(kind) or NOTICES.get(kind) or kind


def why_noticed(reason: str) -> str:
    """The reason of a notice, which names how a text ended and why, or is in words already."""
    state, _, why = reason.partition(" ")
    match state:
        case "suppressed":
            return f"not sent: {not_sent(why)}"
        case "expired":
            return f"not sent: {too_late(why or None)}"
        case "rejected":
            return f"the carrier refused it ({why})"
        case "unresolved":
            return "nobody can say whether the carrier got it"
        case "undelivered" | "failed":
            return f"{REPORTS[state]} by the network{f' (code {why})' if why else ''}"
        case _:
            return reason


def told(row: Any) -> str:
    """How a text stands, and why."""
    plain = {"released": "on its way", "planned": "planned"}
    state, reason = row["state"], row["reason"]
    if state == "accepted":
        return _sent(row)
    if state in ("suppressed", "withdrawn"):
        return f"not sent: {not_sent(reason)}"
    if state == "expired":
        return f"not sent: {too_late(reason)}"
    if state == "rejected":
        return f"not sent: the carrier refused it ({reason})"
    return plain.get(state, "unclear: nobody can say whether the carrier got it")


def _sent(row: Any) -> str:
    status, late_s = row["carrier_status"], row["lateness_s"]
    report = f"; {REPORTS.get(status, status)}" if status else ""
    return f"sent{'' if late_s is None else f' {late_s:.1f} s after it was due'}{report}"
