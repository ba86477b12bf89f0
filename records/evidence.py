"""Evidence of consent: what was shown, agreed to, ended and sent, gathered for who may ask for it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Table, select

from records import own_tables, tables
from records.dialect import insert
from records.rows import iso
from records.seals import opened, salts_known, whose
from rules.ids import stable_id
from schemas.consent import ConsentEnded, ConsentGiven
from schemas.ledger import LedgerEntry

Consent = ConsentGiven | ConsentEnded
_CONSENT: msgspec.json.Decoder[Consent] = msgspec.json.Decoder(Consent)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Whose evidence: by phone reference, by workspace, by person of a workspace; over a time."""

    phone_ref: str | None = None
    workspace_id: str | None = None
    person_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Who opens evidence, why and when: each opening is recorded."""

    actor: str
    reason: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Proof:
    """A consent with its evidence opened; ``sealed`` says why where it could not be."""

    consent: ConsentGiven
    sealed: bool


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """All that is on record of those asked for, oldest first."""

    proofs: list[Proof]
    ends: list[ConsentEnded]
    entries: list[LedgerEntry]
    texts: list[dict[str, Any]]


def gather(connection: Connection, asked: Asked, reader: Reader, secret: bytes) -> Evidence:
    """Collect the evidence; opens what is sealed with ``secret``, and records each opening."""
    consents = tables.consents
    rows = _rows(connection, consents, asked, consents.c.at)
    given = [row for row in rows if row["kind"] == "given"]
    refs = _refs(connection, asked, rows)
    return Evidence(
        proofs=_open(connection, given, reader, secret),
        ends=[_ended(row["record"]) for row in rows if row["kind"] == "ended"],
        entries=_entries(connection, asked, refs),
        texts=_texts(connection, asked, refs, {row["consent_id"] for row in given}),
    )


def _rows(connection: Connection, table: Table, asked: Asked, at: ColumnElement[str]) -> list[dict[str, Any]]:
    query = select(table).where(*_whose(table, asked), *_when(at, asked)).order_by(at)
    return [dict(row) for row in connection.execute(query).mappings()]


def _whose(table: Table, asked: Asked) -> list[ColumnElement[bool]]:
    wanted = {name: getattr(asked, name) for name in ("phone_ref", "workspace_id", "person_id")}
    return [
        table.c[name] == value
        for name, value in wanted.items()
        if value is not None and name in table.columns
    ]


def _when(at: ColumnElement[str], asked: Asked) -> list[ColumnElement[bool]]:
    since = [at >= iso(asked.since)] if asked.since else []
    return since + ([at < iso(asked.until)] if asked.until else [])


def _refs(connection: Connection, asked: Asked, consents: Iterable[dict[str, Any]]) -> list[str]:
    """The phones spoken of; whoever asks for a person also means the STOPs of that person's phones."""
    if asked.phone_ref is not None:
        return [asked.phone_ref]
    found = {row["phone_ref"] for row in consents}
    found |= {row["phone_ref"] for row in _rows(connection, tables.ledger, asked, tables.ledger.c.at)}
    return sorted(found)


def _entries(connection: Connection, asked: Asked, refs: list[str]) -> list[LedgerEntry]:
    """Facts of these phones: of the workspace and person asked for, and of no workspace (STOP, START)."""
    ledger = tables.ledger
    query = select(ledger.c.record).where(ledger.c.phone_ref.in_(refs), *_when(ledger.c.at, asked))
    found = connection.execute(query.order_by(ledger.c.at, ledger.c.seq)).scalars()
    entries = [msgspec.json.decode(record, type=LedgerEntry) for record in found]
    return [entry for entry in entries if _concerns(entry, asked)]


def _concerns(entry: LedgerEntry, asked: Asked) -> bool:
    fact = entry.fact
    workspace = asked.workspace_id is None or fact.workspace_id in (None, asked.workspace_id)
    return workspace and (asked.person_id is None or fact.person_id in (None, asked.person_id))


def _texts(
    connection: Connection, asked: Asked, refs: list[str], consent_ids: set[str]
) -> list[dict[str, Any]]:
    t = tables.texts
    query = select(t).where(t.c.phone_ref.in_(refs), *_when(t.c.due_at, asked))
    if asked.workspace_id is not None:
        query = query.where(t.c.workspace_id == asked.workspace_id)
    rows = [dict(row) for row in connection.execute(query.order_by(t.c.due_at)).mappings()]
    return [row for row in rows if asked.person_id is None or row["consent_id"] in consent_ids]


def _open(connection: Connection, rows: list[dict[str, Any]], reader: Reader, secret: bytes) -> list[Proof]:
    names = {row["consent_id"]: whose(row["workspace_id"], row["person_id"]) for row in rows}
    known = salts_known(connection, names.values())
    proofs = []
    for row in rows:
        name = names[row["consent_id"]]
        salt = known.get(name)
        if row["sealed"] is None or salt is None:
            proofs.append(Proof(consent=_given(row["record"]), sealed=True))
            continue
        whole = opened(secret, salt, name, row["consent_id"], row["sealed"])
        _note(connection, name, row["consent_id"], reader)
        proofs.append(Proof(consent=_given(whole), sealed=False))
    return proofs


def _note(connection: Connection, name: str, consent_id: str, reader: Reader) -> None:
    parts = (name, consent_id, reader.actor, iso(reader.at))
    row = {
        "opening_id": stable_id(b"opening", *parts),
        "person": name,
        "consent_id": consent_id,
        "actor": reader.actor,
        "reason": reader.reason,
        "at": iso(reader.at),
    }
    connection.execute(insert(connection, own_tables.openings).on_conflict_do_nothing(), [row])


def _given(record: str | bytes) -> ConsentGiven:
    return msgspec.json.decode(record, type=ConsentGiven)


def _ended(record: str) -> ConsentEnded:
    return msgspec.json.decode(record, type=ConsentEnded)
