"""The journal's fold: the first claim in log order wins, evidence always counts, ends are of versions."""

import random

import pytest

from rules.second_tries import NO_EVIDENCE
from schemas.journal import JournalRecord
from sender.fold import NOTHING, TextFold, step
from sender.folds import Fold
from sender.report_rank import moves_forward
from tests.model.journal import Journal
from tests.model.journal import accepted as model_accepted
from tests.model.journal import claimed as model_claimed
from tests.model.journal import closed as model_closed
from tests.model.journal import lost as model_lost
from tests.model.journal import not_sent as model_not_sent
from tests.model.journal import reported as model_reported
from tests.model.journal import suppressed as model_suppressed
from tests.model.rules import Rules
from tests.sender.records import (
    TEXT,
    accepted,
    claimed,
    expired,
    not_sent,
    opened,
    rejected,
    reported,
    suppressed,
    unknown,
    unresolved,
)


def fold(*records: JournalRecord) -> TextFold:
    text = NOTHING
    for record in records:
        text = step(text, record)
    return text


def ignored(record: JournalRecord, *before: JournalRecord) -> bool:
    text = fold(*before)
    return step(text, record) is text


def test_the_first_claim_wins_until_it_is_over() -> None:
    assert ignored(claimed("c2"), claimed("c1"))
    assert ignored(claimed("c2"), claimed("c1"), unknown("c1"))
    text = fold(claimed("c1"), not_sent("c1"), claimed("c2"))
    assert (text.status, text.attempt, text.claim and text.claim.claim_id) == ("claimed", 1, "c2")
    assert text.dead == ("c1",)


@pytest.mark.parametrize("record", [not_sent("c2"), unknown("c2"), rejected("c2"), unresolved("c2")])
def test_records_of_a_claim_that_lost_change_nothing(record: JournalRecord) -> None:
    assert ignored(record, claimed("c1"), claimed("c2"))


@pytest.mark.parametrize(
    "before",
    [
        [],
        [claimed()],
        [claimed(), unknown()],
        [claimed(), unknown(), unresolved()],
        [claimed(), not_sent()],
        [claimed(), rejected()],
        [suppressed()],
    ],
)
def test_evidence_always_counts(before: list[JournalRecord]) -> None:
    text = fold(*before, accepted("u9", claim_id=None))
    assert (text.status, text.carrier_uuid) == ("accepted", "u9")
    assert ignored(accepted("u10"), *before, accepted("u9"))


@pytest.mark.parametrize("end", [accepted(), unresolved(), rejected()])
def test_a_closed_text_is_claimed_no_more_in_any_version(end: JournalRecord) -> None:
    records = [claimed(), unknown(), end]
    later = suppressed(5).text
    assert ignored(claimed("c2"), *records)
    assert ignored(claimed("c2", attempt=2), *records)
    assert ignored(claimed("c2", text=later), *records)
    assert fold(*records, suppressed(5)).status == fold(*records).status
    assert fold(*records).is_over(7)


def test_a_version_that_ended_may_be_followed_by_a_later_one() -> None:
    text = fold(suppressed(1), expired(2))
    assert (text.is_over(2), text.is_over(3)) == (True, False)
    assert ignored(suppressed(2), suppressed(1), expired(2))
    assert ignored(claimed(), suppressed(1))
    assert fold(suppressed(1), claimed(text=suppressed(2).text)).status == "claimed"


def test_a_withdrawal_ends_nothing_while_a_try_is_open() -> None:
    assert ignored(suppressed(), claimed())
    assert ignored(suppressed(), claimed(), unknown())
    assert ignored(suppressed(claim_id="c2"), claimed("c1"))
    assert fold(claimed("c1"), suppressed(claim_id="c1")).is_over(1)


def test_silence_gives_a_second_attempt_that_stays_counted() -> None:
    text = fold(claimed(), unknown(), not_sent("c1", NO_EVIDENCE))
    assert (text.status, text.attempt, text.counted) == ("none", 2, (f"{TEXT.text_id}#1",))
    assert ignored(claimed("c2"), claimed(), unknown(), not_sent("c1", NO_EVIDENCE))
    again = fold(
        claimed(),
        unknown(),
        not_sent("c1", NO_EVIDENCE),
        claimed("c2", attempt=2),
        not_sent("c2", attempt=2),
    )
    assert (again.attempt, again.status) == (2, "none")


@pytest.mark.parametrize(
    ("known", "status", "sequence", "forward"),
    [
        (None, "queued", None, True),
        (None, "carrier_pending", 1, False),
        (("queued", 1), "sent", 2, True),
        (("sent", 2), "queued", 1, False),
        (("sent", 2), "sent", 3, False),
        (("delivered", 3), "sent", 4, False),
        (("delivered", 3), "undelivered", 4, True),
        (("undelivered", 4), "delivered", 3, False),
        (("undelivered", None), "delivered", None, True),
        (("delivered", None), "undelivered", None, False),
        (("delivered", 3), "read", 4, False),
    ],
)
def test_reports_move_forward_only(
    known: tuple[str, int | None] | None, status: str, sequence: int | None, forward: bool
) -> None:
    last = reported(*known) if known else None
    assert moves_forward(last, status, sequence) is forward


def test_a_phone_is_busy_while_a_try_is_open() -> None:
    whole = Fold()
    other = suppressed().text.text_id[::-1]
    for record, busy in ((claimed(), True), (unknown(), True), (unresolved(), False)):
        assert whole.apply(record)
        assert whole.is_busy(TEXT.phone_ref, but=other) is busy
        assert not whole.is_busy(TEXT.phone_ref, but=TEXT.text_id)
        assert len(whole.open()) == int(busy)
    assert not whole.apply(claimed("c2"))


def test_every_id_of_the_carrier_is_known() -> None:
    whole = Fold()
    for record in (claimed(), accepted("u1"), accepted("u2"), reported()):
        whole.apply(record)
    assert whole.uuids == {"u1", "u2"}


def test_the_fold_is_that_of_the_model() -> None:
    """Random histories give the same state as the fold that was explored exhaustively."""
    rules = Rules()
    for seed in range(300):
        chance = random.Random(seed)
        text, model = NOTHING, Journal()
        for _ in range(20):
            n, version, attempt = chance.randint(1, 3), chance.randint(0, 2), chance.randint(1, 2)
            name = f"c{n}"
            match chance.choice(
                [
                    "claim",
                    "not",
                    "silence",
                    "unknown",
                    "accept",
                    "suppress",
                    "gate",
                    "give up",
                    "report",
                    "open",
                ]
            ):
                case "claim":
                    ref_then = suppressed(version).text
                    text = step(text, claimed(name, attempt=attempt, text=ref_then))
                    model = model_claimed(model, version, attempt, n)
                case "not":
                    text, model = step(text, not_sent(name)), model_not_sent(model, n, rules)
                case "silence":
                    text = step(text, not_sent(name, NO_EVIDENCE, attempt=text.attempt))
                    model = model_not_sent(model, n, rules, silence=True)
                case "unknown":
                    text = step(text, unknown(name))
                    if model.status == "claimed" and model.claim == n:
                        model = model._replace(status="unknown")
                case "accept" if chance.random() < 0.4:
                    text = step(text, accepted(f"u{attempt}", attempt=attempt))
                    model = model_accepted(model, attempt)
                case "report" if text.status == "accepted" or text.awaits_second:
                    status, code = chance.choice([("failed", "20"), ("delivered", "")])
                    record = reported(
                        status, seed, error_code=code, attempt=text.attempt, carrier_uuid=text.carrier_uuid
                    )
                    after = step(text, record)
                    if after is not text:
                        model = model_reported(model, "delivered" if status == "delivered" else "lost", rules)
                    text = after
                case "open":
                    text, model = step(text, opened(name)), model_lost(model, n, rules)
                case "suppress":
                    text = step(text, suppressed(version))
                    model = model_suppressed(model, version, rules)
                case "gate":
                    text = step(text, suppressed(version, claim_id=name))
                    model = model_suppressed(model, version, rules, claim=n)
                case "give up" if chance.random() < 0.2:
                    text = step(text, unresolved(name))
                    if model.status in ("claimed", "unknown") and model.claim == n:
                        model = model_closed(model, "unresolved")
            assert (text.status, text.ended_version) == (model.status, model.ended)
            if text.status in ("none", "claimed", "unknown"):
                assert text.attempt == model.attempt
            if text.is_open:
                assert text.claim is not None
                assert text.claim.claim_id == f"c{model.claim}"


def test_a_persons_word_settles_what_is_unclear_and_evidence_outweighs_it() -> None:
    assert fold(claimed(), unknown(), unresolved(), rejected(None)).status == "rejected"
    assert fold(rejected(None)).status == "rejected"  # the journal may be read from after its tries
    assert ignored(rejected(None), claimed(), accepted())
    assert ignored(rejected(None), claimed(), rejected())
    assert fold(claimed(), unknown(), unresolved(), rejected(None), accepted()).status == "accepted"
