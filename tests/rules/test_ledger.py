"""The chain of consent facts: any entry changed, removed, swapped or added is found, and named."""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from rules.ledger import Flaw, chain, genesis, seal, verify
from schemas.ledger import ConsentFact, LedgerEntry
from schemas.rows import LedgerHead

AT = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)


def fact(number: int) -> ConsentFact:
    return ConsentFact(
        fact_id=f"f{number}",
        kind="consent_given",
        phone_ref=f"{number:032x}",
        workspace_id="w1",
        person_id=f"p{number}",
        source="sign_up",
        words="rally-sms-1",
        at=AT + timedelta(minutes=number),
    )


def head_of(entry: LedgerEntry) -> LedgerHead:
    return LedgerHead(seq=entry.seq, hash=entry.hash, at=AT)


def chained(count: int, partition: int = 3) -> list[LedgerEntry]:
    entries: list[LedgerEntry] = []
    for number in range(count):
        entries.append(chain(head_of(entries[-1]) if entries else None, partition, fact(number)))
    return entries


def test_entries_follow_each_other_from_genesis() -> None:
    entries = chained(3)
    assert [entry.seq for entry in entries] == [1, 2, 3]
    assert [entry.previous for entry in entries] == [genesis(3), entries[0].hash, entries[1].hash]
    assert verify(entries, 3) is None
    assert verify(entries, 3, head_of(entries[-1])) is None
    assert verify(entries, 3, head_of(entries[0])) is None  # a head that is older
    assert verify([], 3) is None


def test_a_replay_gives_the_same_entry() -> None:
    assert chain(None, 3, fact(1)) == chain(None, 3, fact(1))
    assert chain(None, 3, fact(1)).hash != chain(None, 4, fact(1)).hash
    assert genesis(3) != genesis(4)


def test_the_hash_can_be_computed_without_our_code() -> None:
    told = {
        "at": "2026-11-24T20:01:00+00:00",
        "fact_id": "f1",
        "kind": "consent_given",
        "person_id": "p1",
        "phone_ref": "0" * 31 + "1",
        "source": "sign_up",
        "words": "rally-sms-1",
        "workspace_id": "w1",
    }
    first = hashlib.sha256(b"consent-ledger/3").hexdigest()
    content = json.dumps([3, 1, first, told], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert chain(None, 3, fact(1)).hash == hashlib.sha256(content.encode()).hexdigest()


def test_the_hash_outlives_the_wire_and_other_offsets() -> None:
    entry = chain(None, 3, replace(fact(1), reason="moved “away”", effective_at=AT))
    again = msgspec.json.decode(msgspec.json.encode(entry), type=LedgerEntry)
    there = replace(again.fact, at=again.fact.at.astimezone(timezone(timedelta(hours=5, minutes=30))))
    assert verify([replace(again, fact=there)], 3) is None


def swapped(entries: list[LedgerEntry]) -> list[LedgerEntry]:
    return [entries[0], entries[2], entries[1], *entries[3:]]


def changed(entries: list[LedgerEntry], **fields: object) -> list[LedgerEntry]:
    return [*entries[:2], replace(entries[2], **fields), *entries[3:]]


def sealed_anew(entries: list[LedgerEntry]) -> list[LedgerEntry]:
    """One fact forged and its own hash made right, but not those after it."""
    forged = replace(entries[2].fact, person_id="someone-else")
    return changed(entries, fact=forged, hash=seal(3, 3, entries[2].previous, forged))


def forged_fact(**fields: object) -> Callable[[list[LedgerEntry]], list[LedgerEntry]]:
    return lambda entries: changed(entries, fact=replace(entries[2].fact, **fields))


@pytest.mark.parametrize(
    ("tamper", "seq", "flaw"),
    [
        (forged_fact(person_id="p9"), 3, "changed"),  # one field
        (forged_fact(kind="consent_ended"), 3, "changed"),
        (forged_fact(at=AT), 3, "changed"),
        (forged_fact(reason="added later"), 3, "changed"),  # a field that was empty
        (forged_fact(words=""), 3, "changed"),  # a field emptied
        (lambda e: changed(e, hash="0" * 64), 3, "changed"),
        (lambda e: changed(e, previous="0" * 64), 3, "unlinked"),
        (sealed_anew, 4, "unlinked"),  # found at the next one
        (lambda e: e[1:], 2, "missing"),  # the first removed
        (lambda e: [*e[:2], *e[3:]], 4, "missing"),  # one in the midst
        (swapped, 3, "missing"),  # two swapped
        (lambda e: [*e[:2], e[1], *e[2:]], 2, "out_of_order"),  # one twice
        (lambda e: changed(e, partition=4), 3, "wrong_partition"),
        (lambda e: [*e[:2], *chained(5, partition=4)[2:]], 3, "wrong_partition"),  # another chain's tail
        (lambda e: [replace(x, seq=x.seq + 1) for x in e], 2, "missing"),  # all renumbered
    ],
)
def test_tampering_is_found(
    tamper: Callable[[list[LedgerEntry]], list[LedgerEntry]], seq: int, flaw: Flaw
) -> None:
    broken = verify(tamper(chained(5)), 3)
    assert broken is not None
    assert (broken.partition, broken.seq, broken.flaw) == (3, seq, flaw)
    assert broken.fact_id is not None


def test_a_cut_end_is_found_by_the_head() -> None:
    entries = chained(5)
    assert verify(entries[:4], 3) is None
    broken = verify(entries[:4], 3, head_of(entries[4]))
    assert broken is not None
    assert (broken.seq, broken.fact_id, broken.flaw) == (5, None, "truncated")
    assert verify([], 3, head_of(entries[4])) is not None


def test_a_chain_written_anew_is_found_by_the_head() -> None:
    entries, other = chained(5), chained(4)
    other.append(chain(head_of(other[-1]), 3, replace(fact(4), person_id="p9")))
    assert verify(other, 3) is None
    broken = verify(other, 3, head_of(entries[4]))
    assert broken is not None
    assert (broken.seq, broken.fact_id, broken.flaw) == (5, "f4", "rewritten")


@given(st.integers(0, 7), st.integers(0, 10_000), st.integers(1, 255))
def test_one_altered_byte_fails(number: int, at: int, flip: int) -> None:
    """In the archived bytes of any entry, wherever it is."""
    entries = chained(8)
    wire = bytearray(msgspec.json.encode(entries[number]))
    wire[at % len(wire)] ^= flip
    try:
        entries[number] = msgspec.json.decode(bytes(wire), type=LedgerEntry)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return
    if entries != chained(8):
        assert verify(entries, 3) is not None


@given(st.lists(st.integers(0, 9), min_size=1, max_size=10, unique=True))
def test_only_the_whole_chain_in_order_is_sound(order: list[int]) -> None:
    entries = chained(10)
    sound = order == list(range(len(order)))
    assert (verify([entries[n] for n in order], 3) is None) is sound
    assert (verify([entries[n] for n in order], 3, head_of(entries[-1])) is None) is (
        order == list(range(10))
    )
