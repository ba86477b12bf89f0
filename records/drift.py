"""Our opt-outs beside the carrier's refusals, from the ledger and from what became of texts."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import Connection, Select, func, or_, select

from records import tables
from records.holding import known
from records.rows import iso
from rules.drift import BLOCKED, LET_THROUGH, Difference, Tried, difference
from schemas.ledger import ConsentFact, LedgerEntry
from schemas.rows import PhoneStops

STOPPED = ("opted_out", "carrier_blocked")
SOME = 500
"""Phones asked for at once."""


@dataclass(frozen=True, kw_only=True)
class Drift:
    """The differences, and of how many phones both sides say something."""

    differences: list[Difference]
    compared: int


def drift(connection: Connection, until: datetime) -> Drift:
    """Compare by what was tried before ``until``: a refusal needs a moment to become an opt-out of ours."""
    phones, found, compared = _phones(connection), list[Difference](), 0
    for first in range(0, len(phones), SOME):
        some = phones[first : first + SOME]
        stops, tried = _stops(connection, some), _tried(connection, some, until)
        compared += len(tried)
        for phone_ref, texts in tried.items():
            one = difference(stops.get(phone_ref) or PhoneStops(), texts)
            found += [one] if one else []
    return Drift(differences=sorted(found, key=lambda one: one.last.tried_at), compared=compared)


def _phones(connection: Connection) -> list[str]:
    """The phones that opted out here, or that the carrier refused."""
    entries, t = tables.ledger, tables.texts
    ours = select(entries.c.phone_ref).where(entries.c.kind.in_(STOPPED))
    theirs = select(t.c.phone_ref).where(t.c.carrier_code == BLOCKED)
    return list(connection.execute(ours.union(theirs).order_by("phone_ref")).scalars())


def _stops(connection: Connection, phones: list[str]) -> dict[str, PhoneStops]:
    entries, facts = tables.ledger, defaultdict[str, list[ConsentFact]](list)
    query = select(entries.c.record).where(entries.c.phone_ref.in_(phones))
    for record in connection.execute(query).scalars():
        fact = msgspec.json.decode(record, type=LedgerEntry).fact
        facts[fact.phone_ref].append(fact)
    return {phone_ref: known((), of_phone).stops for phone_ref, of_phone in facts.items()}


def _tried(connection: Connection, phones: Iterable[str], until: datetime) -> dict[str, list[Tried]]:
    found = defaultdict[str, list[Tried]](list)
    for row in connection.execute(_texts(phones, until)).mappings():
        tried_at = datetime.fromisoformat(row["tried_at"])
        names = {name: row[name] for name in ("text_id", "phone_ref", "workspace_id")}
        status, code = row["carrier_status"], row["carrier_code"]
        found[row["phone_ref"]].append(Tried(tried_at=tried_at, status=status, code=code, **names))
    return found


def _texts(phones: Iterable[str], until: datetime) -> Select[tuple[object, ...]]:
    """What the carrier refused or let through, answers left out, each with the beginning of its last try."""
    t, s = tables.texts, tables.steps
    claims = select(func.max(s.c.at)).where(
        s.c.text_id == t.c.text_id, s.c.plan_version == t.c.plan_version, s.c.what == "claimed"
    )
    tried_at = func.coalesce(claims.scalar_subquery(), t.c.released_at, t.c.due_at)
    said = or_(t.c.carrier_code == BLOCKED, t.c.carrier_status.in_(LET_THROUGH))
    query = select(t, tried_at.label("tried_at")).where(t.c.phone_ref.in_(phones), said)
    return query.where(t.c.kind != "reply", tried_at < iso(until))
