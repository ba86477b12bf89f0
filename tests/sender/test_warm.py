"""What a rebuild puts back into Redis: attempts that count, claims that nobody may use, tokens."""

from rules.second_tries import NO_EVIDENCE
from schemas.journal import JournalRecord
from sender.fold import NOTHING, TextFold, step
from sender.warm import commands
from tests.sender.records import (
    TEXT,
    accepted,
    claimed,
    not_sent,
    rejected,
    suppressed,
    unknown,
    unresolved,
)
from tests.sender.texts import new_phone, reply

NAME, EVENT = TEXT.text_id, f"{TEXT.workspace_id}/{TEXT.event_id}"


def fold(*records: JournalRecord) -> TextFold:
    text = NOTHING
    for record in records:
        text = step(text, record)
    return text


def told(*records: JournalRecord) -> set[tuple[str | int, ...]]:
    return {command for command in commands(fold(*records)) if command[0] in ("SET", "SADD")}


def poison(claim_id: str) -> tuple[str | int, ...]:
    return next(c for c in commands(fold(claimed(claim_id))) if c[0] == "SET")


def test_an_open_claim_is_poisoned_and_counts() -> None:
    for records in ([claimed()], [claimed(), unknown()]):
        assert told(*records) == {poison("c1"), ("SADD", f"cap:{EVENT}", f"{NAME}#1")}
    assert poison("c1")[2] == "poison:c1"


def test_what_was_accepted_or_unresolved_counts() -> None:
    for end in (accepted(), unresolved()):
        assert ("SADD", f"cap:{EVENT}", f"{NAME}#1") in told(claimed(), unknown(), end)


def test_what_was_surely_not_sent_does_not() -> None:
    freed = ("SADD", f"free:{EVENT}", f"{NAME}#1")
    assert told(claimed(), not_sent()) == {("SADD", f"dead:{NAME}", "c1"), freed}
    assert freed in told(claimed(), rejected())
    assert told(claimed(), suppressed(claim_id="c1")) == {freed}


def test_a_second_attempt_counts_beside_the_first() -> None:
    records = [claimed(), unknown(), not_sent("c1", NO_EVIDENCE), claimed("c2", attempt=2)]
    assert told(*records) == {
        poison("c2"),
        ("SADD", f"dead:{NAME}", "c1"),
        ("SADD", f"cap:{EVENT}", f"{NAME}#1", f"{NAME}#2"),
    }


def test_a_reply_keeps_its_token() -> None:
    answer = reply(new_phone(), "inbound-7")
    record = claimed(text=answer.text, counts_to_cap=False)
    commands_ = commands(fold(record))
    assert ("SET", "token:inbound-7", answer.text.text_id) in {c[:3] for c in commands_}


def test_a_text_without_a_claim_leaves_nothing() -> None:
    assert commands(fold(suppressed())) == []
