"""The consent ledger's chain: each entry seals the one before it, so that no change goes unseen.

An entry's hash is SHA-256, in hex, over the UTF-8 JSON of ``[partition, seq, previous, fact]``: keys sorted,
no blanks, times like ``2026-11-24T20:00:00+00:00``, empty fields of the fact left out (so that an optional
field of later days breaks no old chain). Anyone can compute it again without this code.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import msgspec

from schemas.ledger import ConsentFact, LedgerEntry
from schemas.rows import LedgerHead

Flaw = Literal["wrong_partition", "out_of_order", "missing", "unlinked", "changed", "rewritten", "truncated"]
"""``missing``: entries before it are gone; ``unlinked``: it follows another entry than the one before it;
``rewritten``: the chain is sound, but not the one whose head we hold; ``truncated``: the head is gone."""


@dataclass(frozen=True, kw_only=True)
class Broken:
    """The first entry of a chain that is not as it was written. ``fact_id`` is None if it is gone."""

    partition: int
    seq: int
    fact_id: str | None
    flaw: Flaw


def genesis(partition: int) -> str:
    """What the first entry of a partition's chain follows: SHA-256 hex, no secret."""
    return hashlib.sha256(f"consent-ledger/{partition}".encode()).hexdigest()


def chain(head: LedgerHead | None, partition: int, fact: ConsentFact) -> LedgerEntry:
    """The entry for a fact behind the head of its partition's chain; the first has ``seq`` 1.

    The same head and fact give the same entry: a replay writes it again, byte for byte.
    """
    seq = head.seq + 1 if head else 1
    previous = head.hash if head else genesis(partition)
    return LedgerEntry(
        partition=partition,
        seq=seq,
        previous=previous,
        hash=seal(partition, seq, previous, fact),
        fact=fact,
    )


def verify(entries: Iterable[LedgerEntry], partition: int, head: LedgerHead | None = None) -> Broken | None:
    """The first flaw in a partition's chain, None if it is sound. Takes all its entries, in order.

    Only with the ``head`` (kept elsewhere) can a chain be found out that was cut or written anew.
    """
    seq, previous = 0, genesis(partition)
    for entry in entries:
        flaw = _flaw(entry, partition, seq + 1, previous)
        if flaw is None and head is not None and entry.seq == head.seq and entry.hash != head.hash:
            flaw = "rewritten"
        if flaw is not None:
            return Broken(partition=partition, seq=entry.seq, fact_id=entry.fact.fact_id, flaw=flaw)
        seq, previous = entry.seq, entry.hash
    if head is not None and head.seq > seq:
        return Broken(partition=partition, seq=seq + 1, fact_id=None, flaw="truncated")
    return None


def seal(partition: int, seq: int, previous: str, fact: ConsentFact) -> str:
    """The hash of an entry, as the module's head says."""
    told = {
        name: _plain(value) for name, value in msgspec.structs.asdict(fact).items() if value not in (None, "")
    }
    content = json.dumps(
        [partition, seq, previous, told], ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    return hashlib.sha256(content.encode(errors="surrogatepass")).hexdigest()


def _plain(value: object) -> object:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def _flaw(entry: LedgerEntry, partition: int, seq: int, previous: str) -> Flaw | None:
    if entry.partition != partition:
        return "wrong_partition"
    if entry.seq != seq:
        return "missing" if entry.seq > seq else "out_of_order"
    if entry.previous != previous:
        return "unlinked"
    sealed = seal(entry.partition, entry.seq, entry.previous, entry.fact)
    return "changed" if entry.hash != sealed else None
