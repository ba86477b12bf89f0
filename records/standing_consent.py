"""Which consents of a phone were live at a time, by the rules the worker goes by."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import msgspec
from sqlalchemy import Connection

from records import queries
from records.holding import known
from rules.consent import is_held, is_stopped, live_consents
from schemas.consent import ConsentGiven
from schemas.ledger import LedgerEntry
from schemas.rows import PhoneConsents


@dataclass(frozen=True)
class Standing:
    """The live consents, and what silenced the phone whatever they say."""

    live: list[ConsentGiven]
    silent: Literal["stopped", "held"] | None


def standing_at(connection: Connection, phone_ref: str, workspace_id: str, at: datetime) -> Standing:
    """How consent stood at ``at``, from what is on record now."""
    consents = [one for one in queries.consents_of(connection, phone_ref) if one.at <= at]
    rows = queries.ledger_of(connection, phone_ref)
    facts = [msgspec.json.decode(row["record"], type=LedgerEntry).fact for row in rows]
    found = known(consents, [fact for fact in facts if fact.at <= at])
    given = [one for one in found.evidence.values() if one.workspace_id == workspace_id]
    live = [one for one in given if _is_live(found.consents, one)]
    stops = found.stops
    return Standing(live, "stopped" if is_stopped(stops) else "held" if is_held(stops) else None)


def _is_live(row: PhoneConsents, given: ConsentGiven) -> bool:
    live = live_consents(
        row,
        workspace_id=given.workspace_id,
        person_id=given.person_id,
        event_id=given.event_id or "",
    )
    return any(one.consent_id == given.consent_id for one in live)
