"""What keeps a due text from going, as far as the records know: the same rules, on what was archived."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rules.consent import had_consent, is_held, is_stopped, live_consents, with_ended, with_given
from schemas.bookings import BookingInput
from schemas.consent import ConsentEnded, ConsentGiven
from schemas.ledger import ConsentFact
from schemas.reasons import Waiting
from schemas.rows import PhoneConsents, PhoneStops


@dataclass(frozen=True)
class Known:
    """Consents, stops and holds of a phone."""

    evidence: dict[str, ConsentGiven]
    consents: PhoneConsents
    stops: PhoneStops

    def given(self, consent_id: str | None) -> ConsentGiven | None:
        """A consent of the phone by its id."""
        return None if consent_id is None else self.evidence.get(consent_id)


def known(consents: Iterable[ConsentGiven | ConsentEnded], facts: Iterable[ConsentFact]) -> Known:
    """What a phone's archived consents and ledger facts amount to; refused grants count for nothing."""
    facts = list(facts)
    refused = {fact.consent_id for fact in facts if fact.kind == "grant_refused"}
    evidence: dict[str, ConsentGiven] = {}
    row = PhoneConsents()
    for consent in consents:
        if isinstance(consent, ConsentGiven):
            if consent.consent_id in refused:
                continue
            evidence[consent.consent_id] = consent
            row = with_given(row, consent) or row
        else:
            row = with_ended(row, consent) or row
    at: dict[str, datetime] = {}
    for fact in facts:
        at[fact.kind] = max(fact.at, at.get(fact.kind, fact.at))
    stops = [at[kind] for kind in ("opted_out", "carrier_blocked") if kind in at]
    return Known(
        evidence,
        row,
        PhoneStops(stop_at=max(stops, default=None), start_at=at.get("opted_in"), hold_at=at.get("held")),
    )


def holds(known: Known, booking: BookingInput, row: Any, now: datetime) -> Waiting | None:
    """What a planned text that is due waits for; None if it is not due, or nothing known holds it."""
    if row["state"] != "planned" or datetime.fromisoformat(row["due_at"]) > now:
        return None
    whose = {
        "workspace_id": booking.workspace_id,
        "person_id": booking.person_id,
        "event_id": booking.event_id,
    }
    live = live_consents(known.consents, **whose)
    if not live and not had_consent(known.consents, **whose):
        return "waiting_for_consent"
    if is_stopped(known.stops):
        return "waiting_for_start"
    return "held_unclear" if is_held(known.stops) else None
