"""What was erased is gone from every row, stays gone when topics are read again, and leaves its proof."""

import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import Connection, Engine, select

from records import own_tables, tables
from records.engine import connect, empty_log
from records.erasing import Order
from records.erasure_search import forget_in_dead_letters, of_person, of_phones
from records.evidence import Asked, Reader, gather
from records.retention import close_evidence, expire, read_ages
from records.writes import write
from rules.ids import phone_ref
from schemas.base import Message, encode
from schemas.erasure import EraseEvent, ErasePhone
from schemas.samples import samples
from schemas.sms import InboundSms, ReplyHandled
from tests.makers import OTHER_PHONE, PHONE, a_booking, a_consent, a_sign_up, at, evidence
from tests.records.desk import KEYS, delivery, dump, event

REF, OTHER = (phone_ref(KEYS.reference, phone) for phone in (PHONE, OTHER_PHONE))
PLACE, WORDS, IP = "12 Canary Wharf", "please stop, says Ann Canary", "203.0.113.77"
AT = at("18:00")
ORDERS: list[Order] = [
    ErasePhone(erasure_id="e1", phone_ref=REF, actor="op", reason="asked", at=AT),
    EraseEvent(erasure_id="e1", phone_ref=REF, workspace_id="w1", event_id="b1", at=AT),
]


def _story() -> list[Message]:
    inbound = samples("inbound-sms")["inbound"]
    assert isinstance(inbound, InboundSms)
    shown = evidence(ip=IP, phone_typed=PHONE)
    return [
        a_booking(phone=PHONE, place=PLACE, received_at=at("12:00")),
        a_booking(phone=None, place=PLACE, revision=2, received_at=at("12:30")),
        a_sign_up(phone=PHONE, phone_typed=PHONE, ip=IP, at=at("12:00")),
        a_consent(phone=PHONE, phone_ref=REF, evidence=shown),
        replace(inbound, phone=PHONE, phone_ref=REF, text=WORDS, received_at=at("13:00")),
        ReplyHandled(inbound_uuid="in-1", phone_ref=REF, workspace_id="w1", actor="ana", at=at("13:05")),
        _text(PHONE, REF, at("12:00")),
        event("accepted", 2, phone_ref=REF, workspace_id="w1", event_id="b1"),
    ]


def _text(phone: str, ref: str, released_at: Any) -> Message:
    return delivery(
        phone=phone, phone_ref=ref, body=PLACE, released_at=released_at, workspace_id="w1", event_id="b1"
    )


def _all(connection: Connection) -> str:
    """Every readable value of every table."""
    found = []
    for table in own_tables.metadata.sorted_tables:
        columns = [column for column in table.columns if column.name != "sealed"]
        found += [str(tuple(row)) for row in connection.execute(select(*columns))]
    return "\n".join(found)


@pytest.mark.parametrize("seed", range(12))
def test_nothing_of_the_person_is_left_in_whatever_order_it_is_read(engine: Engine, seed: int) -> None:
    story: list[Message] = [*_story(), *ORDERS]
    rng = random.Random(seed)
    order = story if seed == 0 else rng.sample(story, len(story)) + rng.sample(story, 4)
    cut = rng.randrange(len(order))
    for part in (order[:cut], order[cut:]):
        with engine.begin() as connection:
            write(connection, part, KEYS)
    with engine.connect() as connection:
        left = _all(connection)
        assert not [one for one in (PHONE, PHONE[2:], PLACE, WORDS, IP) if one in left]
        assert REF in left, "what proves it stays, by reference"
        rows = dump(connection)
        assert [len(rows[name]) for name in ("inbound", "sign_ups", "handled_replies")] == [0, 0, 0]
        assert len(rows["manage_tokens"]) == 0
        assert [len(rows[name]) for name in ("texts", "bookings", "consents", "erasures")] == [1, 2, 1, 2]


def test_nothing_is_left_in_the_files(tmp_path: Path) -> None:
    """Also not in the log beside the database, which holds pages as they were."""
    engine = connect(f"sqlite:///{tmp_path / 'records.sqlite'}")
    for part in (_story(), ORDERS):
        with engine.begin() as connection:
            write(connection, part, KEYS)
    assert any(PHONE.encode() in file.read_bytes() for file in tmp_path.iterdir())
    assert empty_log(engine)
    left = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    engine.dispose()
    assert not [one for one in (PHONE, PLACE, WORDS, IP) if one.encode() in left]


def test_sealed_evidence_is_left_until_its_own_time(engine: Engine) -> None:
    with engine.begin() as connection:
        write(connection, [*_story(), *ORDERS], KEYS)
    reader = Reader(actor="op", reason="a claim", at=at("19:00"))
    with engine.begin() as connection:
        [proof] = gather(connection, Asked(phone_ref=REF), reader, KEYS.evidence).proofs
        assert (proof.consent.evidence.ip, proof.consent.phone) == (IP, PHONE)
    age = timedelta(days=1826)
    with engine.begin() as connection:
        assert close_evidence(connection, at("19:00"), age) == 0
        assert close_evidence(connection, at("19:00") + age + timedelta(days=1), age) == 1
    with engine.begin() as connection:
        write(connection, _story(), KEYS)  # a rebuild makes no new key
        [proof] = gather(connection, Asked(phone_ref=REF), reader, KEYS.evidence).proofs
        assert proof.sealed
        assert dump_sealed(connection) == [None]


def dump_sealed(connection: Connection) -> list[Any]:
    return list(connection.execute(select(tables.consents.c.sealed)).scalars())


def test_others_and_what_comes_later_stay(engine: Engine) -> None:
    other = a_consent(consent_id="c9", phone=OTHER_PHONE, phone_ref=OTHER, person_id="p9")
    later = [
        a_consent(consent_id="c8", phone=PHONE, phone_ref=REF, at=at("20:00")),
        _text(PHONE, REF, at("20:00")),
    ]
    with engine.begin() as connection:
        write(connection, [*_story(), other, *ORDERS, *later], KEYS)
        found = dump(connection)
    readable = [row for row in found["consents"] if "c1" not in row]
    assert OTHER_PHONE in str(readable)
    assert [row for row in readable if "c8" in row and PHONE in str(row)]
    assert len(found["manage_tokens"]) == 1, "the link of the later text works"


def test_what_an_erasure_names(engine: Engine) -> None:
    with engine.begin() as connection:
        write(connection, _story(), KEYS)
        assert of_person(connection, "w1", "p1") == of_phones(connection, [REF])
        assert of_phones(connection, [REF]).events == [("w1", "b1")]
        assert of_person(connection, "w1", "nobody").phone_refs == []


def test_a_number_in_a_dead_letter_is_emptied(engine: Engine) -> None:
    letter = samples("dead-letters")["dead-letter"]
    national = f'{{"phone": "({PHONE[2:5]}) {PHONE[5:8]}-{PHONE[8:]}"}}'.encode()
    mine, other = (replace(letter, offset=n, payload=p) for n, p in ((1, national), (2, b"other")))
    with engine.begin() as connection:
        write(connection, [mine, other], KEYS)
        assert forget_in_dead_letters(connection, PHONE) == 1
        records = list(connection.execute(select(tables.dead_letters.c.record)).scalars())
    assert sum('"payload":null' in record for record in records) == 1


def test_each_table_keeps_its_rows_so_long(engine: Engine) -> None:
    ages = read_ages("inbound=1, bookings=2")
    with engine.begin() as connection:
        write(connection, _story(), KEYS)
        assert expire(connection, at("13:00") + timedelta(hours=23), ages) == {"inbound": 0, "bookings": 0}
        assert expire(connection, at("13:00") + timedelta(hours=25), ages) == {"inbound": 1, "bookings": 0}
        assert expire(connection, at("13:00") + timedelta(days=3), ages) == {"inbound": 0, "bookings": 2}
    with pytest.raises(ValueError, match="no table with an age"):
        read_ages("ledger=3")


def test_an_order_names_nobody() -> None:
    for order in ORDERS:
        assert PHONE not in encode(order).decode()
