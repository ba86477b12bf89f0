"""Phones on which our opt-outs and the carrier's differ, and phones on which they agree."""

from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from schemas.base import Message
from schemas.journal import Claimed
from schemas.ledger import ConsentFact, LedgerEntry
from schemas.samples import samples
from tests.records.desk import delivery, event

START = datetime(2026, 5, 4, 14, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TOLD, REFUSED, BOTH, SILENT = (letter * 32 for letter in "1234")


def claimed(**names: Any) -> Claimed:
    text = delivery(**names).text
    at = START + 2 * MINUTE
    return Claimed(
        text=text,
        attempt=1,
        claim_id="c",
        counts_to_cap=True,
        not_after=at + MINUTE,
        deadline_at=at + MINUTE,
        at=at,
    )


def text(phone_ref: str, state: str, **changes: Any) -> list[Message]:
    names = {"text_id": phone_ref.translate(str.maketrans("1234", "abcd")), "phone_ref": phone_ref}
    return [
        delivery(**names, released_at=START),
        claimed(**names),
        event("accepted", 130, **names),
        event(state, 140, **names, **changes),
    ]


def opted_out(phone_ref: str, seq: int, at: datetime = START + MINUTE) -> LedgerEntry:
    sample = samples("consent-ledger")["ledger-entry"]
    assert isinstance(sample, LedgerEntry)
    fact = ConsentFact(fact_id=f"f{seq}", kind="opted_out", phone_ref=phone_ref, source="reply", at=at)
    return replace(sample, partition=0, seq=seq, hash=f"{seq:064d}", fact=fact)


def everything() -> list[Message]:
    """One phone of each kind: both differences, and two on which both sides agree."""
    return [
        *text(TOLD, "delivered"),
        opted_out(TOLD, 1),
        *text(REFUSED, "undelivered", carrier_code="200"),
        *text(BOTH, "undelivered", carrier_code="200"),
        opted_out(BOTH, 2),
        opted_out(SILENT, 3),
    ]
