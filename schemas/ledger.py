"""The consent ledger: each fact once, hash-chained per partition. Holds references, never numbers."""

from typing import Literal

from schemas.base import At, Count, Id, Line, Message, Ref

FactKind = Literal[
    "consent_given",
    "consent_ended",
    "grant_refused",
    "opted_out",
    "held",
    "opted_in",
    "start_refused",
    "carrier_blocked",
    "stop_effective",
]


class ConsentFact(Message, frozen=True, kw_only=True, tag_field="type", tag="consent-fact"):
    """Something that changes, or proves, what may be sent to a phone. ``fact_id`` names it for ever."""

    fact_id: Id
    kind: FactKind
    phone_ref: Ref
    workspace_id: Id | None = None
    person_id: Id | None = None
    event_id: Id | None = None
    consent_id: Id | None = None
    source: Line
    """Who or what brought it: sign_up, upstream, staff, manage_page, reply, carrier, no_answer."""
    words: Line = ""
    """The version of the disclosure, or the reply's class and keyword."""
    evidence_digest: Line = ""
    """Keyed hash of the evidence record, which is kept elsewhere."""
    actor: Line | None = None
    reason: Line | None = None
    inbound_uuid: Id | None = None
    accepted_at: At | None = None
    effective_at: At | None = None
    drained: Literal["empty", "timeout"] | None = None
    at: At


class LedgerEntry(Message, frozen=True, kw_only=True, tag_field="type", tag="ledger-entry"):
    """A fact in its chain: ``hash`` covers ``previous``, ``seq``, the partition and the fact."""

    partition: int
    seq: Count
    previous: str
    hash: str
    fact: ConsentFact
