"""The ledger as the database holds it, checked entry by entry: bytes, columns, hashes, links, head."""

from collections.abc import Generator, Mapping
from contextlib import closing
from typing import Any

import msgspec
from sqlalchemy import Connection, RowMapping, select

from records import tables
from records.rows import rows_of
from records.seals import Keys
from rules.ledger import Broken, verify
from schemas.ledger import LedgerEntry
from schemas.rows import LedgerHead

NO_KEYS = Keys(link=b"", reference=b"", evidence=b"")
"""Rows of the ledger are made with no secret."""


class _Unreadable(Exception):
    """A row that is not what the archive writes of any entry."""

    def __init__(self, row: RowMapping) -> None:
        super().__init__()
        self.row = row


def broken(connection: Connection, heads: Mapping[int, LedgerHead]) -> list[Broken]:
    """The first broken entry of each partition's chain; none if all are sound.

    ``heads``: the ends of the chains, kept elsewhere (the worker's table); without them an end cut off, or
    a chain written anew, goes unseen.
    """
    known = set(connection.execute(select(tables.ledger.c.partition).distinct()).scalars())
    found = (_first(connection, partition, heads.get(partition)) for partition in sorted(known | set(heads)))
    return [flaw for flaw in found if flaw is not None]


def _first(connection: Connection, partition: int, head: LedgerHead | None) -> Broken | None:
    try:
        with closing(_entries(connection, partition)) as entries:
            return verify(entries, partition, head)
    except _Unreadable as error:
        row = error.row
        return Broken(partition=partition, seq=row["seq"], fact_id=row["fact_id"], flaw="changed")


def _entries(connection: Connection, partition: int) -> Generator[LedgerEntry, None, None]:
    ledger = tables.ledger
    query = select(ledger).where(ledger.c.partition == partition).order_by(ledger.c.seq, ledger.c.hash)
    with connection.execute(query.execution_options(yield_per=1000)) as rows:
        for row in rows.mappings():
            yield _entry(row)


def _entry(row: RowMapping) -> LedgerEntry:
    """The entry of a row, if every byte and column is as the archive wrote it."""
    try:
        entry = msgspec.json.decode(row["record"], type=LedgerEntry)
        written = msgspec.json.decode(row["record"])
    except (msgspec.DecodeError, UnicodeError):
        raise _Unreadable(row) from None
    [(_, columns)] = rows_of(entry, NO_KEYS)
    same = all(row[name] == value for name, value in columns.items() if name != "record")
    if not same or not _is_as_written(row["record"], written, msgspec.to_builtins(entry)):
        raise _Unreadable(row)
    return entry


def _is_as_written(record: str, written: Any, read: Any) -> bool:
    """Whether the record is, byte for byte, what was read of it; fields of later days may lack in it.

    A time may stand in another zone: it is the same time.
    """
    try:
        return msgspec.json.encode(_with_fields_of(written, read)) == record.encode()
    except (KeyError, UnicodeError):  # a field that nobody knows; a character that is none
        return False


def _with_fields_of(written: Any, read: Any) -> Any:
    if isinstance(written, dict) and isinstance(read, dict):
        return {name: _with_fields_of(value, read[name]) for name, value in written.items()}
    return read
