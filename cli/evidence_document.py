"""Evidence as a document: plain values for JSON, which the printable page shows too. Pure."""

import hashlib
from datetime import UTC, datetime
from typing import Any

from records.evidence import Asked, Evidence, Proof, Reader
from rules.ids import stable_id
from rules.ledger import Broken, seal
from rules.sentences import FACTS, NAMES, not_sent
from schemas.base import encode
from schemas.consent import ConsentEnded
from schemas.ledger import LedgerEntry

OPT_OUT_FACTS = ("opted_out", "held", "opted_in", "start_refused", "carrier_blocked", "stop_effective")
_TEXT = (
    "text_id plan_version workspace_id event_id booking_id kind state due_at released_at ended_at attempt",
    "consent_id carrier_uuid carrier_status carrier_code is_test",
)
TEXT_FIELDS = tuple(name for line in _TEXT for name in line.split())


def document(
    evidence: Evidence, asked: Asked, reader: Reader, broken: list[Broken], reference_key: bytes
) -> dict[str, Any]:
    """The whole document. ``broken``: what a check of the ledger's chains found."""
    entries = {entry.fact.consent_id: entry for entry in evidence.entries if entry.fact.consent_id}
    consents = [_consent(proof, entries, reference_key) for proof in evidence.proofs]
    return {
        "made_at": _at(reader.at),
        "made_by": reader.actor,
        "purpose": reader.reason,
        "asked_for": {name: _plain(value) for name, value in vars(asked).items() if value is not None},
        "consents": [one for one in consents if not one["staff_attested"]],
        "staff_attested": [one for one in consents if one["staff_attested"]],
        "revocations": [_end(ended) for ended in evidence.ends],
        "opt_outs": [_opt_out(entry) for entry in evidence.entries if entry.fact.kind in OPT_OUT_FACTS],
        "texts": [_text(row) for row in evidence.texts],
        "ledger": [_entry(entry) for entry in evidence.entries],
        "chain": {"sound": not broken, "broken": [vars(one) for one in broken]},
    }


def _consent(proof: Proof, entries: dict[str, LedgerEntry], key: bytes) -> dict[str, Any]:
    given, words = proof.consent, proof.consent.evidence
    entry = entries.get(given.consent_id)
    digest = stable_id(key, "evidence", encode(words).decode())
    matches = None if proof.sealed or entry is None else entry.fact.evidence_digest == digest
    return {
        "consent_id": given.consent_id,
        "given_at": _at(given.at),
        "received_at": _at(given.received_at),
        "workspace_id": given.workspace_id,
        "person_id": given.person_id,
        "event_id": given.event_id,
        "covers": f"event {given.event_id}" if given.event_id else "every event of the workspace",
        "phone_ref": given.phone_ref,
        "phone": None if proof.sealed else given.phone,
        "source": given.source,
        "staff_attested": given.source == "staff_attested",
        "actor": given.actor,
        "reason": given.reason,
        "words_shown": words.disclosure_text,
        "words_version": words.disclosure_version,
        "words_sha256": words.disclosure_sha256,
        "words_match_sha256": _hash_of(words.disclosure_text) == words.disclosure_sha256,
        "act": words.act,
        "phone_typed": words.phone_typed,
        "given_on": words.source_url,
        "form_version": words.form_version,
        "ip": words.ip,
        "user_agent": words.user_agent,
        "locale": words.locale,
        "evidence": "no longer readable: its key was destroyed" if proof.sealed else "opened",
        "evidence_matches_ledger": matches,
        "ledger_entry": _place(entry),
    }


def _end(ended: ConsentEnded) -> dict[str, Any]:
    return {
        "at": _at(ended.at),
        "received_at": _at(ended.received_at),
        "phone_ref": ended.phone_ref,
        "workspace_id": ended.workspace_id,
        "person_id": ended.person_id,
        "phone_wide": ended.phone_wide,
        "by": ended.by,
        "actor": ended.actor,
        "reason": ended.reason,
    }


def _opt_out(entry: LedgerEntry) -> dict[str, Any]:
    fact = entry.fact
    return {
        "at": _at(fact.at),
        "what": fact.kind,
        "said": FACTS[fact.kind],
        "words": fact.words,
        "source": fact.source,
        "accepted_at": _plain(fact.accepted_at),
        "effective_at": _plain(fact.effective_at),
        "drained": fact.drained,
        "phone_ref": fact.phone_ref,
        "ledger_entry": _place(entry),
    }


def _text(row: dict[str, Any]) -> dict[str, Any]:
    told = {name: row[name] for name in TEXT_FIELDS}
    why = not_sent(row["reason"]) if row["state"] == "suppressed" else row["reason"]
    return {**told, "what": NAMES.get(row["wording"], row["wording"]), "reason": why}


def _entry(entry: LedgerEntry) -> dict[str, Any]:
    """The entry whole, so that its hash can be computed again without us."""
    fact = {name: _plain(value) for name, value in vars_of(entry.fact).items() if value not in (None, "")}
    return {**_sealing(entry), "fact": fact}


def _sealing(entry: LedgerEntry) -> dict[str, Any]:
    return {
        "partition": entry.partition,
        "seq": entry.seq,
        "previous": entry.previous,
        "hash": entry.hash,
        "hash_is_right": entry.hash == seal(entry.partition, entry.seq, entry.previous, entry.fact),
    }


def vars_of(message: Any) -> dict[str, Any]:
    """The fields of a message."""
    return {name: getattr(message, name) for name in message.__struct_fields__}


def _place(entry: LedgerEntry | None) -> dict[str, Any] | None:
    return None if entry is None else {name: getattr(entry, name) for name in ("partition", "seq", "hash")}


def _hash_of(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()


def _plain(value: Any) -> Any:
    return _at(value) if isinstance(value, datetime) else value


def _at(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
