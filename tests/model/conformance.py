"""A real journal, replayed through the model: every record is one that the protocol writes in that state."""

from collections.abc import Iterable

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
from sender.fold import NO_EVIDENCE
from tests.model.protocol import (
    ACCEPTED,
    CLOSED,
    OPEN,
    UNKNOWN,
    Journal,
    Rules,
    claimed,
    not_sent,
    suppressed,
)

RULES = Rules()


class Replay:
    """One text's records in log order; ``refused`` says which the model does not allow, and why."""

    def __init__(self) -> None:
        self._journal = Journal()
        self._claims: dict[str, int] = {}
        self._won: set[str] = set()
        self._replied: dict[str, str] = {}
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
            case NotSent() | Unknown() | Rejected():
                return "" if record.claim_id in self._won else "of a claim that did not win"
            case Unresolved():
                is_open = self._journal.status == UNKNOWN
                late = self._journal.status in (*CLOSED, "none")  # two reconcilers: the second is ignored
                return "" if is_open or late else "nothing was unknown"
            case Reported():
                return "" if self._journal.status == ACCEPTED else "a report of what was not accepted"
            case _:
                return ""

    def _wrong_reply(self, record: Accepted) -> str:
        if record.claim_id not in self._won:
            return "a claim that did not win was sent"
        before = self._replied.setdefault(record.claim_id or "", record.carrier_uuid)
        if before != record.carrier_uuid:
            return "a claim was sent twice"
        return "" if len(self._replied) == 1 else "two claims of a text were accepted"

    def _after(self, record: JournalRecord) -> Journal:
        journal = self._journal
        match record:
            case Claimed():
                number = self._number(record.claim_id)
                after = claimed(journal, record.text.plan_version, record.attempt, number)
                if after is not journal:
                    self._won.add(record.claim_id)
                return after
            case Accepted():
                return journal._replace(status=ACCEPTED)
            case NotSent():
                silence = record.reason == NO_EVIDENCE
                return not_sent(journal, self._number(record.claim_id), RULES, silence=silence)
            case Suppressed() | Expired():
                claim = self._number(record.claim_id) if record.claim_id else 0
                return suppressed(journal, record.text.plan_version, RULES, claim)
            case _:
                return self._settled(record)

    def _settled(self, record: JournalRecord) -> Journal:
        journal = self._journal
        claim_id = getattr(record, "claim_id", None)
        if isinstance(record, Rejected) and claim_id is None and journal.status != ACCEPTED:
            return journal._replace(status="rejected")
        if journal.status not in OPEN or journal.claim != self._number(claim_id):
            return journal
        after = {Unknown: UNKNOWN, Rejected: "rejected", Unresolved: "unresolved"}.get(type(record))
        return journal._replace(status=after) if after else journal


def refusals(records: Iterable[JournalRecord]) -> list[str]:
    """What the model does not allow in a journal; records of a text in log order, texts mixed at will."""
    texts: dict[str, Replay] = {}
    for record in records:
        texts.setdefault(record.text.text_id, Replay()).take(record)
    return [line for text in texts.values() for line in text.refused]
