"""Every reason, state and fact that a message can hold has a sentence, and none is left over."""

from typing import Any, get_args

import msgspec

from rules import sentences
from schemas.deliveries import Wording
from schemas.delivery_events import State
from schemas.journal import Accepted
from schemas.ledger import FactKind
from schemas.notices import Notice
from schemas.reasons import EndReason, Expiry, Suppression, Waiting


def _values(literal: Any) -> set[str]:
    found: set[str] = set()
    for part in get_args(literal):
        found |= {part} if isinstance(part, str) else _values(part)
    return found


def test_every_value_has_a_sentence() -> None:
    kind = next(field for field in msgspec.structs.fields(Notice) if field.name == "kind")
    assert _values(EndReason) == _values(Suppression) | _values(Expiry)
    assert set(sentences.NOT_SENT) == _values(EndReason)
    assert set(sentences.WAITS) == _values(Waiting)
    assert set(sentences.NAMES) == _values(Wording)
    assert set(sentences.FACTS) == _values(FactKind)
    assert set(sentences.NOTICES) == _values(kind.type)
    evidence = next(field for field in msgspec.structs.fields(Accepted) if field.name == "evidence")
    assert set(sentences.EVIDENCE) == _values(evidence.type)
    ends = {"planned", "accepted", "suppressed", "expired", "rejected", "unresolved"}
    assert set(sentences.REPORTS) == _values(State) - ends


def test_no_two_reasons_say_the_same() -> None:
    for told in (sentences.NOT_SENT, sentences.WAITS, sentences.FACTS, sentences.NAMES):
        assert len(set(told.values())) == len(told)


def test_what_is_no_word_of_the_list_is_shown_as_it_is() -> None:
    assert sentences.not_sent("from next year") == "from next year"
    assert sentences.not_sent(None) == "no reason is on record"
    assert sentences.too_late(None) == "it was too late to be of use"
    assert "START" in sentences.too_late("waiting_for_start")
