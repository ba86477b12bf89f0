"""A real journal, replayed through the model: every record is one that the protocol writes in that state."""

from collections.abc import Iterable

from rules.second_tries import LOST as LOST_BY
from rules.second_tries import NO_EVIDENCE, may_pass
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
from sender.report_rank import moves_forward
from tests.model.journal import (
    ACCEPTED,
    CLOSED,
    DELIVERED,
    LOST,
    OPEN,
    UNKNOWN,
    Journal,
    accepted,
    claimed,
    closed,
    lost,
    not_sent,
    reported,
    suppressed,
)
from tests.model.rules import Rules

RULES = Rules()


class Replay:
    """One text's records in log order; ``refused`` says which the model does not allow, and why."""

    def __init__(self) -> None:
        self._journal = Journal()
        self._claims: dict[str, int] = {}
        self._won: set[str] = set()
        self._replied: dict[str, str] = {}
        self._report: Reported | None = None
        self._was_lost = False
        self.refused: list[str] = []

    def take(self, record: JournalRecord) -> None:
        """The next record."""
        wrong = self._wrong(record)
        if wrong:
            self.refused.append(f"{record.text.text_id} {type(record).__name__}: {wrong}")
        self._journal = self._after(record)

    def _number(self, claim_id: str | None) -> int:
        return self._claims.setdefault(claim_id or "", len(self._claims) + 1)

    def _wrong(self, record: JournalRecord) -> str:  # noqa: PLR0911  # a table of record kinds
        """Why nobody who keeps the protocol would have written this."""
        match record:
            case Claimed():
                return "a claim is made once" if record.claim_id in self._claims else ""
            case Accepted(evidence="reply"):
                return self._wrong_reply(record)
            case Accepted():
                return "" if self._won else "evidence of a text that was never claimed"
            case Rejected(claim_id=None):
                return "" if self._won else "a person's word on a text that was never claimed"
            case NotSent() if record.reason.startswith(LOST_BY):
                return "" if self._was_lost else "no report said that the network lost it"
            case NotSent() | Unknown() | Rejected():
                return "" if record.claim_id in self._won else "of a claim that did not win"
            case Unresolved():
                is_open = self._journal.status == UNKNOWN
                late = self._journal.status in (*CLOSED, "none")  # two reconcilers: the second is ignored
                return "" if is_open or late else "nothing was unknown"
            case Reported():
                known = self._journal.status == ACCEPTED or self._journal.again
                return "" if known else "a report of what was not accepted"
            case _:
                return ""

    def _wrong_reply(self, record: Accepted) -> str:
        if record.claim_id not in self._won:
            return "a claim that did not win was sent"
        before = self._replied.setdefault(record.claim_id or "", record.carrier_uuid)
        if before != record.carrier_uuid:
            return "a claim was sent twice"
        most = 2 if self._journal.again else 1
        return "" if len(self._replied) <= most else "two claims of a text were accepted"

    def _after(self, record: JournalRecord) -> Journal:  # noqa: PLR0911  # a table of record kinds
        journal = self._journal
        match record:
            case Claimed():
                number = self._number(record.claim_id)
                after = claimed(journal, record.text.plan_version, record.attempt, number)
                if after is not journal:
                    self._won.add(record.claim_id)
                return after
            case Accepted():
                return accepted(journal, record.attempt)
            case Reported():
                return self._reported(record)
            case NotSent() if record.reason.startswith(LOST_BY):
                return lost(journal, self._number(record.claim_id), RULES)
            case NotSent():
                silence = record.reason == NO_EVIDENCE
                return not_sent(journal, self._number(record.claim_id), RULES, silence=silence)
            case Suppressed() | Expired():
                claim = self._number(record.claim_id) if record.claim_id else 0
                return suppressed(journal, record.text.plan_version, RULES, claim)
            case _:
                return self._settled(record)

    def _reported(self, record: Reported) -> Journal:
        """Only reports of the try that was accepted last, in the order of the carrier."""
        is_past = self._journal.again and self._journal.status == ACCEPTED and record.attempt == 1
        before = self._report if self._report and self._report.carrier_uuid == record.carrier_uuid else None
        if is_past or not moves_forward(before, record.status, record.sequence):
            return self._journal
        self._report = record
        passes = may_pass(record.status, record.error_code)
        self._was_lost |= passes
        word = DELIVERED if record.status == "delivered" else LOST if passes else ""
        return reported(self._journal, word, RULES)

    def _settled(self, record: JournalRecord) -> Journal:
        journal = self._journal
        claim_id = getattr(record, "claim_id", None)
        if isinstance(record, Rejected) and claim_id is None and journal.status != ACCEPTED:
            return closed(journal, "rejected")
        if journal.status not in OPEN or journal.claim != self._number(claim_id):
            return journal
        after = {Unknown: UNKNOWN, Rejected: "rejected", Unresolved: "unresolved"}.get(type(record))
        if after is None:
            return journal
        return journal._replace(status=after) if after == UNKNOWN else closed(journal, after)


def refusals(records: Iterable[JournalRecord]) -> list[str]:
    """What the model does not allow in a journal; records of a text in log order, texts mixed at will."""
    texts: dict[str, Replay] = {}
    for record in records:
        texts.setdefault(record.text.text_id, Replay()).take(record)
    return [line for text in texts.values() for line in text.refused]
