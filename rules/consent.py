"""Consent as maxima: what is recorded is never unrecorded, what is ended stays ended."""

from datetime import datetime

from msgspec.structs import replace

from schemas.consent import ConsentEnded, ConsentGiven
from schemas.rows import ConsentRow, PhoneConsents, PhoneStops

CONSENTS_KEPT = 300
"""The latest consents of a phone that its row keeps; the ledger keeps all."""
ENDS_KEPT = 300


def scope_key(workspace_id: str, person_id: str) -> str:
    """The name of (workspace, person) in a phone's row."""
    return f"{workspace_id}|{person_id}"


def live_consents(
    row: PhoneConsents | None, *, workspace_id: str, person_id: str, event_id: str
) -> list[ConsentRow]:
    """The consents that a text of this event may rely on, earliest first: those that no end came after."""
    consents = _of_event(row, workspace_id, person_id, event_id)
    return sorted((c for c in consents if row and not _is_ended(row, c)), key=lambda c: c.at)


def had_consent(row: PhoneConsents | None, *, workspace_id: str, person_id: str, event_id: str) -> bool:
    """Whether there ever was a consent for this event."""
    return any(_of_event(row, workspace_id, person_id, event_id))


def _of_event(
    row: PhoneConsents | None, workspace_id: str, person_id: str, event_id: str
) -> list[ConsentRow]:
    if row is None:
        return []
    return [
        c
        for c in row.consents.values()
        if c.workspace_id == workspace_id and c.person_id == person_id and c.event_id in (None, event_id)
    ]


def _is_ended(row: PhoneConsents, consent: ConsentRow) -> bool:
    """A tie is an end. What staff attested never stands beside an end by the phone, whichever came first."""
    scope = scope_key(consent.workspace_id, consent.person_id)
    if consent.source == "staff_attested" and (row.phone_ended_at or scope in row.removed_at):
        return True
    return any(end is not None and end >= consent.at for end in (row.phone_ended_at, row.ended_at.get(scope)))


def with_given(row: PhoneConsents, given: ConsentGiven) -> PhoneConsents | None:
    """The row with a consent more; None if it has it already."""
    if given.consent_id in row.consents:
        return None
    consent = ConsentRow(
        consent_id=given.consent_id,
        workspace_id=given.workspace_id,
        person_id=given.person_id,
        event_id=given.event_id,
        source=given.source,
        at=given.at,
    )
    consents = {**row.consents, given.consent_id: consent}
    if len(consents) > CONSENTS_KEPT:
        del consents[min(consents, key=lambda name: (consents[name].at, name))]
    return replace(row, consents=consents)


def refusal_of_staff(row: PhoneConsents, stops: PhoneStops | None, given: ConsentGiven) -> str | None:
    """Why a grant by staff can't stand: never over what the participant or the phone ended."""
    if given.source != "staff_attested":
        return None
    if row.wrong_number:
        return "wrong_number"
    if row.phone_ended_at is not None:
        return "ended_phone_wide"
    if scope_key(given.workspace_id, given.person_id) in row.removed_at:
        return "removed_by_participant"
    if stops is not None and is_held(stops):
        return "held_unclear"
    return "opted_out" if stops is not None and is_stopped(stops) else None


def with_ended(row: PhoneConsents, ended: ConsentEnded) -> PhoneConsents | None:
    """The row with a later end; None if the end is no news."""
    if ended.phone_wide or ended.workspace_id is None or ended.person_id is None:
        wrong = row.wrong_number or ended.by == "wrong_number"
        after = replace(row, phone_ended_at=_later(row.phone_ended_at, ended.at), wrong_number=wrong)
    else:
        scope = scope_key(ended.workspace_id, ended.person_id)
        after = replace(row, ended_at=_with_end(row.ended_at, scope, ended.at))
        if ended.by == "manage_page":
            after = replace(after, removed_at=_with_end(row.removed_at, scope, ended.at))
    return None if after == row else _bounded(after)


def _with_end(ends: dict[str, datetime], scope: str, at: datetime) -> dict[str, datetime]:
    return {**ends, scope: _later(ends.get(scope), at)}


def _bounded(row: PhoneConsents) -> PhoneConsents:
    """A phone that is told to be silent this often is silent for all."""
    if len(row.ended_at) <= ENDS_KEPT:
        return row
    latest = max(row.ended_at.values())
    return replace(row, phone_ended_at=_later(row.phone_ended_at, latest), ended_at={}, removed_at={})


def _later(known: datetime | None, new: datetime) -> datetime:
    return new if known is None else max(known, new)


def is_stopped(stops: PhoneStops) -> bool:
    """A STOP that no later START outweighs; a tie is a stop."""
    return outweighs(stops.stop_at, stops.start_at)


def is_held(stops: PhoneStops) -> bool:
    """An unclear reply that no later START settled."""
    return outweighs(stops.hold_at, stops.start_at)


def outweighs(fact_at: datetime | None, start_at: datetime | None) -> bool:
    """Whether a stop or hold stands against a START; in doubt it does."""
    return fact_at is not None and (start_at is None or fact_at >= start_at)
