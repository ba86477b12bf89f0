"""What the journal says of each text: its records folded in log order. Pure; the log's order is the lock.

none ─Claimed─► claimed ─Accepted─► accepted          the first claim in log order wins; records of other
  ▲                │ └─Unknown─► unknown ─┐           claims are ignored, positive evidence always counts
  └────NotSent─────┴──────NotSent─────────┤
                                          └─► accepted, rejected, unresolved ─► accepted, rejected by hand
Suppressed and Expired end one plan_version and leave the text open for a later one.
accepted ─NotSent: its first try was lost by the network─► none, and accepted whatever comes of the second.
"""

from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from rules.second_tries import LOST, NO_EVIDENCE, may_pass
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
from sender.report_rank import is_final, moves_forward

Status = Literal["none", "claimed", "unknown", "accepted", "rejected", "unresolved"]
CLOSED = ("accepted", "rejected", "unresolved")


class Lost(NamedTuple):
    """A first try that the carrier accepted and its network lost."""

    claim: Claimed
    carrier_uuid: str | None


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
    """Attempts given up that may have been delivered: they count to the cap."""
    unknown: Unknown | None = None
    carrier_uuid: str | None = None
    reported: Reported | None = None
    """The latest that the carrier said of it."""
    lost: Lost | None = None

    def is_over(self, plan_version: int) -> bool:
        """Whether nothing of this version may be sent any more."""
        return self.status in CLOSED or plan_version <= self.ended_version

    @property
    def is_open(self) -> bool:
        """A try is under way, or nobody knows what came of it."""
        return self.status in ("claimed", "unknown")

    @property
    def is_delivered(self) -> bool:
        """The carrier says that it arrived."""
        return self.reported is not None and self.reported.status == "delivered"

    @property
    def uuids(self) -> set[str | None]:
        """The carrier's ids of the tries that it is known to have accepted."""
        return {self.carrier_uuid, self.lost.carrier_uuid if self.lost else None}

    @property
    def awaits_second(self) -> bool:
        """The first try was lost, and of the second it is not known that the carrier accepted it."""
        return self.lost is not None and self.carrier_uuid == self.lost.carrier_uuid

    def may_be_lost(self, plan_version: int) -> bool:
        """Whether its first try was accepted, and if its network loses it a second may follow."""
        first = self.status == "accepted" and self.attempt == 1 and not self.counted and not self.lost
        if not first or self.claim is None or self.claim.text.plan_version != plan_version:
            return False
        is_open = self.reported is None or not is_final(self.reported)
        return plan_version > self.ended_version and (is_open or self.is_lost)

    @property
    def is_lost(self) -> bool:
        """The carrier's last word is a loss that a second try may not meet."""
        return self.reported is not None and may_pass(self.reported.status, self.reported.error_code)


NOTHING = TextFold()


def step(text: TextFold, record: JournalRecord) -> TextFold:
    """The text after one more record; the same object if the record does not count."""
    after = _step(text, record)
    return after if text.lost is None or after is text else _accepted_still(text, after, text.lost)


def _step(text: TextFold, record: JournalRecord) -> TextFold:  # noqa: PLR0911  # a table of record kinds
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
            past = text.lost and record.attempt == 1 and not text.awaits_second
            return replace(text, reported=record) if forward and not past else text


def _is_winner(text: TextFold, claim_id: str) -> bool:
    return text.claim is not None and text.claim.claim_id == claim_id


def _claimed(text: TextFold, record: Claimed) -> TextFold:
    free = text.status == "none" and record.attempt == text.attempt
    if not free or record.text.plan_version <= text.ended_version:
        return text
    if text.lost and record.text.plan_version != text.lost.claim.text.plan_version:
        return text
    return replace(text, status="claimed", claim=record, unknown=None)


def _accepted(text: TextFold, record: Accepted) -> TextFold:
    is_new = text.awaits_second and record.attempt > 1 if text.lost else text.status != "accepted"
    if not is_new:
        return text
    reported = None if text.lost and not text.is_delivered else text.reported
    text = replace(text, status="accepted", reported=reported)
    return replace(text, carrier_uuid=record.carrier_uuid, attempt=record.attempt)


def _accepted_still(before: TextFold, after: TextFold, lost: Lost) -> TextFold:
    """The text of a second try that came to an end: accepted, with what may have reached the carrier."""
    over = after.status in CLOSED or after.ended_version > before.ended_version
    if not over and not (after.status == "none" and after.is_delivered):
        return after
    may_have_gone = before.status == "unknown" or after.status in ("accepted", "unresolved")
    return replace(after, status="accepted", claim=after.claim if may_have_gone else lost.claim)


def _lost(text: TextFold, record: NotSent) -> TextFold:
    if text.claim is None or not _is_winner(text, record.claim_id) or not text.is_lost:
        return text
    if not text.may_be_lost(text.claim.text.plan_version):
        return text
    after = replace(text, status="none", attempt=2, counted=(f"{record.text.text_id}#1",))
    return replace(after, lost=Lost(text.claim, text.carrier_uuid), dead=(*text.dead, record.claim_id))


def _not_sent(text: TextFold, record: NotSent) -> TextFold:
    if record.reason.startswith(LOST):
        return _lost(text, record)
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
    """Of an accepted text it changes nothing but that no second try follows."""
    if text.status == "accepted" and record.text.plan_version > text.ended_version:
        return replace(text, ended_version=record.text.plan_version)
    if text.status in CLOSED or record.text.plan_version <= text.ended_version:
        return text
    if text.is_open and (record.claim_id is None or not _is_winner(text, record.claim_id)):
        return text
    return replace(text, status="none", ended_version=record.text.plan_version)
