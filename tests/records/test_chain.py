"""The stored ledger: any byte changed, entry removed or two swapped is found, and the first is named."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, delete, insert, select

from records import tables
from records.chain import broken
from records.writes import write
from rules.ledger import chain
from schemas.ledger import ConsentFact, LedgerEntry
from schemas.rows import LedgerHead
from tests.records.desk import KEYS

AT = datetime(2026, 5, 4, 14, tzinfo=UTC)
PARTITIONS, LENGTH = 3, 20
LEDGER = tables.ledger
Rows = list[dict[str, Any]]


def _fact(partition: int, number: int) -> ConsentFact:
    return ConsentFact(
        fact_id=f"f{partition}-{number}",
        kind="stop_effective" if number % 3 else "consent_given",
        phone_ref=f"{number % 5:032x}",
        workspace_id=None if number % 3 else "w1",
        source="reply",
        words="naïve “STOP”",
        accepted_at=AT if number % 3 else None,
        at=AT + timedelta(minutes=number),
    )


@pytest.fixture
def heads(engine: Engine) -> dict[int, LedgerHead]:
    """Chains are written; where they end, as the worker's table has it."""
    entries: list[LedgerEntry] = []
    ends: dict[int, LedgerHead] = {}
    for partition in range(PARTITIONS):
        for number in range(LENGTH):
            entries.append(chain(ends.get(partition), partition, _fact(partition, number)))
            ends[partition] = LedgerHead(seq=entries[-1].seq, hash=entries[-1].hash, at=AT)
    with engine.begin() as connection:
        write(connection, entries, KEYS)
    return ends


def test_a_whole_ledger_is_sound(engine: Engine, heads: dict[int, LedgerHead]) -> None:
    with engine.connect() as connection:
        assert broken(connection, heads) == []
        assert broken(connection, {}) == []


@pytest.mark.long
def test_a_thousand_random_edits_are_found(engine: Engine, heads: dict[int, LedgerHead]) -> None:
    rng = random.Random(7)
    with engine.connect() as connection:
        rows = [dict(row) for row in connection.execute(select(LEDGER)).mappings()]
        for number in range(1000):
            edit = (_change_a_byte, _remove, _swap)[number % 3]
            edited, place = edit(rows, rng)
            _rewrite(connection, edited)
            found = broken(connection, heads)
            assert [(flaw.partition, flaw.seq) for flaw in found] == [place], (number, edit, found)
            connection.rollback()


def _rewrite(connection: Connection, rows: Rows) -> None:
    connection.execute(delete(LEDGER))
    connection.execute(insert(LEDGER), rows)


def _change_a_byte(rows: Rows, rng: random.Random) -> tuple[Rows, tuple[int, int]]:
    """One byte of one record is another one: also one that leaves JSON which can be read."""
    row = rng.choice(rows)
    record = row["record"].encode()
    place = rng.randrange(len(record))
    byte = rng.choice([b for b in b' 09azAZ"{}:,T+-x' if b != record[place]])
    edited = (record[:place] + bytes([byte]) + record[place + 1 :]).decode(errors="replace")
    return [{**one, "record": edited} if one is row else one for one in rows], _place(row)


def _remove(rows: Rows, rng: random.Random) -> tuple[Rows, tuple[int, int]]:
    """Found by the entry after it; of the last one, by the head."""
    row = rng.choice(rows)
    partition, seq = _place(row)
    left = [one for one in rows if one is not row]
    return left, (partition, seq + 1 if seq < LENGTH else seq)


def _swap(rows: Rows, rng: random.Random) -> tuple[Rows, tuple[int, int]]:
    """Two entries of a chain change places, all columns but their numbers."""
    one = rng.choice(rows)
    two = rng.choice([row for row in rows if row["partition"] == one["partition"] and row is not one])
    swapped = [
        {**two, "seq": one["seq"]} if row is one else {**one, "seq": two["seq"]} if row is two else row
        for row in rows
    ]
    return swapped, min(_place(one), _place(two))


def _place(row: dict[str, Any]) -> tuple[int, int]:
    return row["partition"], row["seq"]


@pytest.mark.parametrize("column", ["fact_id", "phone_ref", "kind", "at", "workspace_id"])
def test_a_changed_column_is_found(engine: Engine, heads: dict[int, LedgerHead], column: str) -> None:
    with engine.begin() as connection:
        connection.execute(LEDGER.update().where(LEDGER.c.seq == 4).values({column: "other"}))
    with engine.connect() as connection:
        assert [flaw.seq for flaw in broken(connection, heads)] == [4] * PARTITIONS


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ("2026-05-04T14:03:00Z", "2026-05-04t14:03:00z"),
        ("naïve", "na\\u00efve"),  # the same words
        ('"source":', '"source": '),
        ('"source":"reply"', '"source":"letter","source":"reply"'),
        ('"source":', '"beside":null,"source":'),
        ('"person_id":null', '"person_id":"p1"'),
        ('"partition":', '"partition":7,"partition":'),
    ],
)
def test_what_reads_the_same_is_not_what_was_written(
    engine: Engine, heads: dict[int, LedgerHead], written: str, instead: str
) -> None:
    """Hashes, links and columns agree: only the record's own bytes tell."""
    with engine.begin() as connection:
        record = connection.execute(select(LEDGER.c.record).where(LEDGER.c.seq == 4)).scalars().first()
        assert record is not None
        assert written in record
        changed = record.replace(written, instead)
        connection.execute(
            LEDGER.update().where(LEDGER.c.seq == 4, LEDGER.c.partition == 0).values(record=changed)
        )
    with engine.connect() as connection:
        assert [(flaw.partition, flaw.seq) for flaw in broken(connection, heads)] == [(0, 4)]


def test_a_record_from_before_a_field_was_added_is_sound(
    engine: Engine, heads: dict[int, LedgerHead]
) -> None:
    with engine.begin() as connection:
        for partition, seq, record in connection.execute(
            select(LEDGER.c.partition, LEDGER.c.seq, LEDGER.c.record)
        ).all():
            place = (LEDGER.c.partition == partition) & (LEDGER.c.seq == seq)
            older = record.replace('"drained":null,', "")
            assert older != record
            connection.execute(LEDGER.update().where(place).values(record=older))
    with engine.connect() as connection:
        assert broken(connection, heads) == []
