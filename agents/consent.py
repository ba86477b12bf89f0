"""Consents and their ends in; kept for ever in the phone's row, proved in the ledger, told to the sender."""

from agents.erase import erase_phone
from agents.moment import Moment
from agents.nudge import waiting_texts
from agents.tables import Tables
from rules.consent import refusal_of_staff, scope_key, with_ended, with_given
from rules.ids import stable_id
from schemas.base import Message, encode
from schemas.consent import ConsentEnded, ConsentGiven
from schemas.erasure import ErasePhone
from schemas.ledger import ConsentFact
from schemas.phone_states import EndedState
from schemas.rows import PhoneConsents


def keep_consent(
    event: ConsentGiven | ConsentEnded | ErasePhone, tables: Tables, moment: Moment
) -> list[Message]:
    """Keep a consent or its end; what waits for consent looks again."""
    if isinstance(event, ErasePhone):
        return erase_phone(event, tables, moment)
    row = tables.consents.get(event.phone_ref) or PhoneConsents()
    if isinstance(event, ConsentEnded):
        return _end(event, row, tables, moment)
    refusal = refusal_of_staff(row, tables.opt_outs.get(event.phone_ref), event)
    if refusal is not None:
        return [_given_fact(event, moment, refusal)]
    after = with_given(row, event)
    if after is None:
        return []
    tables.consents[event.phone_ref] = after
    waiting = waiting_texts(event.phone_ref, tables.bookings.get(event.phone_ref), "waiting_for_consent")
    return [_given_fact(event, moment, None), *waiting]


def _end(ended: ConsentEnded, row: PhoneConsents, tables: Tables, moment: Moment) -> list[Message]:
    after = with_ended(row, ended)
    if after is None:
        return []
    tables.consents[ended.phone_ref] = after
    fact = ConsentFact(
        fact_id=stable_id(moment.policy.reference_key, "ended", ended.change_id),
        kind="consent_ended",
        phone_ref=ended.phone_ref,
        workspace_id=ended.workspace_id,
        person_id=ended.person_id,
        source=ended.by,
        actor=ended.actor,
        reason=ended.reason,
        at=ended.at,
    )
    row_of_texts = tables.bookings.get(ended.phone_ref)
    waiting = waiting_texts(ended.phone_ref, row_of_texts, "waiting_for_start", "held_unclear")
    return [*_states(ended, row, after), fact, *waiting]


def _states(ended: ConsentEnded, before: PhoneConsents, after: PhoneConsents) -> list[EndedState]:
    """The end for the sender: of one workspace and person, or of the phone."""
    if after.phone_ended_at is not None and after.phone_ended_at != before.phone_ended_at:
        at = after.phone_ended_at
        return [EndedState(phone_ref=ended.phone_ref, workspace_id=None, person_id=None, ended_at=at)]
    if ended.workspace_id is None or ended.person_id is None or ended.phone_wide:
        return []
    return [
        EndedState(
            phone_ref=ended.phone_ref,
            workspace_id=ended.workspace_id,
            person_id=ended.person_id,
            ended_at=after.ended_at[scope_key(ended.workspace_id, ended.person_id)],
        )
    ]


def _given_fact(given: ConsentGiven, moment: Moment, refusal: str | None) -> ConsentFact:
    """The fact that a consent was given, or that staff may not grant it."""
    key = moment.policy.reference_key
    return ConsentFact(
        fact_id=stable_id(key, "refused" if refusal else "given", given.consent_id),
        kind="grant_refused" if refusal else "consent_given",
        phone_ref=given.phone_ref,
        workspace_id=given.workspace_id,
        person_id=given.person_id,
        event_id=given.event_id,
        consent_id=given.consent_id,
        source=given.source,
        words=given.evidence.disclosure_version,
        evidence_digest=stable_id(key, "evidence", encode(given.evidence).decode()),
        actor=given.actor,
        reason=refusal or given.reason,
        at=given.at,
    )
