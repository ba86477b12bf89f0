"""The journal's fold in the model: one text, as the records in log order leave it."""

from typing import NamedTuple

from tests.model.rules import Rules

NONE, CLAIMED, UNKNOWN, ACCEPTED, UNRESOLVED = "none", "claimed", "unknown", "accepted", "unresolved"
OPEN, CLOSED = (CLAIMED, UNKNOWN), (ACCEPTED, UNRESOLVED)
LOST, DELIVERED = "lost", "delivered"


class Journal(NamedTuple):
    """The fold of the journal for the text."""

    status: str = NONE
    ended: int = -1
    attempt: int = 1
    claim: int = 0
    version: int = 0
    """Of the claim."""
    report: str = ""
    """The carrier's last word on its network: lost, delivered, or none yet."""
    again: bool = False
    """Accepted and lost: a second try changes how it ended no more."""


def is_over(journal: Journal, version: int) -> bool:
    """Whether the fold says that this version is not to be sent."""
    return journal.status in CLOSED or version <= journal.ended


def claimed(journal: Journal, version: int, attempt: int, claim: int) -> Journal:
    """The fold after a Claimed: it counts if nothing is open or over, for the attempt that comes next."""
    if is_over(journal, version) or journal.status != NONE or attempt != journal.attempt:
        return journal
    if journal.again and version != journal.version:
        return journal
    return journal._replace(status=CLAIMED, claim=claim, version=version)


def not_sent(journal: Journal, claim: int, rules: Rules, *, silence: bool = False) -> Journal:
    """The fold after a NotSent: the attempt is open again, or, after the carrier's silence, the next one."""
    if journal.status not in OPEN or (rules.by_claim and journal.claim != claim):
        return journal
    if journal.again and journal.report == DELIVERED and rules.heeds_delivered:
        return journal._replace(status=ACCEPTED)
    return journal._replace(status=NONE, attempt=journal.attempt + silence)


def suppressed(journal: Journal, version: int, rules: Rules, claim: int = 0) -> Journal:
    """The fold after a Suppressed or Expired, by a withdrawal or (with its claim) by the gate."""
    if journal.status == ACCEPTED and rules.bars_withdrawn:
        return journal._replace(ended=max(version, journal.ended))
    if is_over(journal, version):
        return journal
    if journal.status in OPEN and journal.claim != claim and rules.waits_for_open:
        return journal
    return journal._replace(status=ACCEPTED if journal.again else NONE, ended=version)


def accepted(journal: Journal, attempt: int) -> Journal:
    """The fold after an Accepted; of a first try that was lost since, it tells nothing new."""
    if journal.again and attempt == 1:
        return journal
    report = journal.report if journal.report == DELIVERED or not journal.again else ""
    return journal._replace(status=ACCEPTED, report=report)


def reported(journal: Journal, report: str, rules: Rules) -> Journal:
    """The fold after a report; a delivery that is told late ends a second try that is not under way."""
    ends = journal.status == NONE and report == DELIVERED and rules.heeds_delivered
    return journal._replace(report=report, status=ACCEPTED if ends else journal.status)


def lost(journal: Journal, claim: int, rules: Rules) -> Journal:
    """The fold after a NotSent of what the network lost: once, if that is still the carrier's last word."""
    counts = journal.status == ACCEPTED and journal.claim == claim and journal.version > journal.ended
    is_lost = journal.report == LOST or not rules.heeds_delivered
    if not counts or not is_lost or (rules.once and (journal.again or journal.attempt > 1)):
        return journal
    return journal._replace(status=NONE, attempt=journal.attempt + 1, again=True)


def closed(journal: Journal, status: str) -> Journal:
    """The fold after an end; what had been accepted before stays that."""
    return journal._replace(status=ACCEPTED if journal.again else status)
