"""Whether a phone may be texted for an event, as far as is recorded, and what is left of its six."""

from collections.abc import Iterable
from typing import Any, Literal

from records.holding import Known
from rules.consent import had_consent, is_held, is_stopped, live_consents
from schemas.bookings import BookingInput

Standing = Literal[
    "ok", "no_phone", "no_consent", "consent_ended", "opted_out", "waiting_for_start", "held_unclear"
]


def standing_of(known: Known | None, booking: BookingInput) -> Standing:
    """How the event's phone stands; ``known`` is None where the event has none."""
    if known is None:
        return "no_phone"
    whose = {
        "workspace_id": booking.workspace_id,
        "person_id": booking.person_id,
        "event_id": booking.event_id,
    }
    live = live_consents(known.consents, **whose)
    if not live and not had_consent(known.consents, **whose):
        return "no_consent"
    if is_stopped(known.stops):
        after = known.stops.stop_at is not None and any(c.at > known.stops.stop_at for c in live)
        return "waiting_for_start" if after else "opted_out"
    if is_held(known.stops):
        return "held_unclear"
    return "ok" if live else "consent_ended"


def used(rows: Iterable[Any]) -> int:
    """How many of an event's texts count to its six: sent, maybe sent, or with the sender now."""
    counted = (row for row in rows if row["kind"] != "reply")
    return sum(
        (row["attempt"] or 1) if row["state"] in ("accepted", "unresolved") else row["state"] == "released"
        for row in counted
    )


def kept_for_others(rows: Iterable[Any]) -> int:
    """Places that a day-of update leaves free: for a reminder to come, and for a move or cancellation."""
    reminder = any(row["kind"] == "interview_reminder" and row["state"] == "planned" for row in rows)
    return 1 + reminder
