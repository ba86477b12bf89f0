"""What the journal says of each text: its records folded in log order. Pure; the log's order is the lock.

none ─Claimed─► claimed ─Accepted─► accepted          the first claim in log order wins; records of other
  ▲                │ └─Unknown─► unknown ─┐           claims are ignored, positive evidence always counts
  └────NotSent─────┴──────NotSent─────────┤
                                          └─► accepted, rejected, unresolved ─► accepted, rejected by hand
Suppressed and Expired end one plan_version and leave the text open for a later one.
"""

from dataclasses import dataclass, field, replace
from typing import Literal

from schemas.journal import (
    Accepted,
    Claimed,
    Expired,
    JournalRecord,
    NotSent,
    Rejected,
    Reported,
    Suppressed,
    Unknown,
    Unresolved,
)

Status = Literal["none", "claimed", "unknown", "accepted", "rejected", "unresolved"]
CLOSED = ("accepted", "rejected", "unresolved")
NO_EVIDENCE = "no_evidence"
"""The reason of a NotSent that rests on the carrier's silence: the attempt stays counted, the next is new."""
RANK = {"queued": 1, "sent": 2, "delivered": 3, "undelivered": 3, "failed": 3}


@dataclass(frozen=True)
class TextFold:
    """One text, as far as the journal tells."""

    status: Status = "none"
    ended_version: int = -1
    attempt: int = 1
    """The attempt that is open, or comes next."""
    claim: Claimed | None = None
    dead: tuple[str, ...] = ()
    """Claims that surely did not send and must never pass the gate again."""
    counted: tuple[str, ...] = ()
    """Attempts given up for want of evidence: they count to the cap."""
    unknown: Unknown | None = None
    carrier_uuid: str | None = None
    reported: Reported | None = None
    """The latest that the carrier said of it."""

    def is_over(self, plan_version: int) -> bool:
        """Whether nothing of this version may be sent any more."""
        return self.status in CLOSED or plan_version <= self.ended_version

    @property
    def is_open(self) -> bool:
        """A try is under way, or nobody knows what came of it."""
        return self.status in ("claimed", "unknown")


NOTHING = TextFold()


def step(text: TextFold, record: JournalRecord) -> TextFold:  # noqa: PLR0911  # a table of record kinds
    """The text after one more record; the same object if the record does not count."""
    match record:
        case Claimed():
            return _claimed(text, record)
        case Accepted():
            return _accepted(text, record)
        case NotSent():
            return _not_sent(text, record)
        case Unknown():
            mine = text.status == "claimed" and _is_winner(text, record.claim_id)
            return replace(text, status="unknown", unknown=record) if mine else text
        case Suppressed() | Expired():
            return _ended(text, record)
        case Rejected():
            return _rejected(text, record)
        case Unresolved():
            mine = text.is_open and _is_winner(text, record.claim_id)
            return replace(text, status="unresolved") if mine else text
        case Reported():
            forward = moves_forward(text.reported, record.status, record.sequence)
            return replace(text, reported=record) if forward else text


def moves_forward(known: Reported | None, status: str, sequence: int | None) -> bool:
    """Whether a report tells more than the last: a later stage, or another end with a higher sequence."""
    rank = RANK.get(status, 0)
    if known is None or rank != RANK[known.status]:
        return rank > (RANK[known.status] if known else 0)
    return status != known.status and (sequence or 0) > (known.sequence or 0)


def _is_winner(text: TextFold, claim_id: str) -> bool:
    return text.claim is not None and text.claim.claim_id == claim_id


def _claimed(text: TextFold, record: Claimed) -> TextFold:
    free = text.status == "none" and record.attempt == text.attempt
    if not free or record.text.plan_version <= text.ended_version:
        return text
    return replace(text, status="claimed", claim=record, unknown=None)


def _accepted(text: TextFold, record: Accepted) -> TextFold:
    if text.status == "accepted":
        return text
    return replace(text, status="accepted", carrier_uuid=record.carrier_uuid, attempt=record.attempt)


def _not_sent(text: TextFold, record: NotSent) -> TextFold:
    if not text.is_open or not _is_winner(text, record.claim_id):
        return text
    after = replace(text, status="none", unknown=None, dead=(*text.dead, record.claim_id))
    if record.reason != NO_EVIDENCE:
        return after
    counted = (*text.counted, f"{record.text.text_id}#{record.attempt}")
    return replace(after, attempt=record.attempt + 1, counted=counted)


def _rejected(text: TextFold, record: Rejected) -> TextFold:
    """By the carrier's answer to the open try; or by a person, of what evidence may still show to be sent."""
    by_hand = record.claim_id is None and text.status not in ("accepted", "rejected")
    mine = record.claim_id is not None and text.is_open and _is_winner(text, record.claim_id)
    return replace(text, status="rejected") if by_hand or mine else text


def _ended(text: TextFold, record: Suppressed | Expired) -> TextFold:
    if text.status in CLOSED or record.text.plan_version <= text.ended_version:
        return text
    if text.is_open and (record.claim_id is None or not _is_winner(text, record.claim_id)):
        return text
    return replace(text, status="none", ended_version=record.text.plan_version)


@dataclass
class Fold:
    """All texts of a partition, which phones have a try open, and the carrier's ids that are known."""

    texts: dict[str, TextFold] = field(default_factory=dict)
    busy: dict[str, set[str]] = field(default_factory=dict)
    uuids: set[str] = field(default_factory=set)

    def apply(self, record: JournalRecord) -> bool:
        """Take a record in; False if it does not count."""
        name = record.text.text_id
        before = self.texts.get(name, NOTHING)
        after = step(before, record)
        if isinstance(record, Accepted | Reported):
            self.uuids.add(record.carrier_uuid)
        if after is before:
            return False
        self.texts[name] = after
        open_texts = self.busy.setdefault(record.text.phone_ref, set())
        (open_texts.add if after.is_open else open_texts.discard)(name)
        if not open_texts:
            del self.busy[record.text.phone_ref]
        return True

    def of(self, text_id: str) -> TextFold:
        """What is known of a text."""
        return self.texts.get(text_id, NOTHING)

    def is_busy(self, phone_ref: str, but: str) -> bool:
        """Whether another text of the phone has a try open: one in flight per phone."""
        return bool(self.busy.get(phone_ref, set()) - {but})

    def open(self) -> list[TextFold]:
        """The texts with an open try."""
        names = [name for open_texts in self.busy.values() for name in open_texts]
        return [self.texts[name] for name in names]
