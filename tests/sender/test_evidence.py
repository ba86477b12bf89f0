"""Rows of the carrier's list become evidence for the one try they can be."""

from datetime import datetime, timedelta

from carrier.port import Listed
from rules.ids import phone_ref
from sender.evidence import MARGIN, Open, matches, windows
from tests.sender.records import AT, claimed
from tests.sender.texts import KEY, new_phone, ref

LASTS = timedelta(seconds=10)


def one(phone: str, posted_at: datetime = AT) -> Open:
    return Open(claimed(phone, text=ref(phone)), posted_at)


def row(uuid: str, phone: str, at: datetime = AT, *, inbound: bool = False) -> Listed:
    return Listed(
        carrier_uuid=uuid, inbound=inbound, to=phone, sender="+1", state="sent", error_code="", at=at
    )


def found(rows: list[Listed], tries: list[Open], known: frozenset[str] = frozenset()) -> dict[str, str]:
    pairs = matches(rows, tries, set(known), lambda number: phone_ref(KEY, number))
    return {open_try.claim.claim_id: listed.carrier_uuid for open_try, listed in pairs}


def test_windows_that_touch_are_read_together() -> None:
    a, b, c = one("a"), one("b", AT + timedelta(seconds=15)), one("c", AT + timedelta(minutes=5))
    together, alone = windows([c, a, b], LASTS)
    assert together.tries == (a, b)
    assert (together.since, together.until) == (AT - MARGIN, b.posted_at + LASTS + MARGIN)
    assert alone.tries == (c,)


def test_a_row_of_the_phone_that_no_text_owns_is_its_try() -> None:
    phone, other = new_phone(), new_phone()
    tries = [one(phone), one(other)]
    rows = [row("u1", phone), row("u2", new_phone()), row("u3", other, inbound=True)]
    assert found(rows, tries) == {phone: "u1"}


def test_rows_of_other_texts_and_times_are_not() -> None:
    phone = new_phone()
    early = AT - MARGIN - timedelta(seconds=1)
    assert found([row("u1", phone), row("u2", phone, early)], [one(phone)], frozenset({"u1"})) == {}


def test_two_rows_the_first_is_taken() -> None:
    phone = new_phone()
    assert found([row("u2", phone, AT + LASTS), row("u1", phone)], [one(phone)]) == {phone: "u1"}
