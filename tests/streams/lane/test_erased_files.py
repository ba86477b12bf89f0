"""What an erasure leaves in a worker's files, and how to have it gone: RocksDB keeps old values a while."""

import shutil
from pathlib import Path

import pytest
from faust.types import TP

from streams.lane.stores import LaneStore, Rows
from tests.stored_files import files_with
from tests.streams.lane.test_stores import CHANGELOG, move, opened

PHONE = b"+13308235511"
ROW = b'{"phone":"%s","workspace_name":"Acme Research"}' % PHONE
BEFORE: Rows = {b"bookings-1": ROW, b"consents-1": ROW, b"other": b'{"phone":"+13308235512"}'}
ERASED: Rows = {b"bookings-1": None, b"consents-1": b'{"erased_at":"2026-05-04T14:00:00Z"}'}


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    """Files of a worker whose partition 0 saw the erasure; its partition 1 had moved away before."""
    store = await _started(tmp_path)
    store.write(0, BEFORE, 2)
    store.write(1, BEFORE, 2)
    await store.on_stop()  # what was written is in compressed files from the next start on
    store = await _started(tmp_path)
    await move(store, assigned={0}, revoked={1})
    store.write(0, ERASED, 4)
    assert not [row for _, row in store.scan(0) if PHONE in row]
    await store.on_stop()
    return tmp_path


async def _started(folder: Path) -> LaneStore:
    store = opened("rocksdb://", folder)
    await move(store, assigned={0, 1})
    return store


async def test_old_values_stay_in_files(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Of the partition that saw the erasure and of the one that moved away; a new start mends neither."""
    aside = tmp_path_factory.mktemp("aside") / "db"
    assert files_with(PHONE, folder, aside) == {"rows-0.db", "rows-1.db"}
    store = await _started(folder)
    assert not [row for _, row in store.scan(0) if PHONE in row]
    await store.on_stop()
    assert files_with(PHONE, folder, aside) == {"rows-0.db", "rows-1.db"}


@pytest.mark.parametrize("compacted", [True, False])
async def test_tables_read_anew_hold_what_the_changelog_holds(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, *, compacted: bool
) -> None:
    """The way of the proof record; before the changelog is compacted it brings back what it was to clear."""
    aside = tmp_path_factory.mktemp("aside") / "db"
    shutil.rmtree(folder / "v1" / "tables")
    store = await _started(folder)
    assert store.persisted_offset(TP(CHANGELOG, 0)) is None, "it reads from the beginning"
    left = {key: row for key, row in {**BEFORE, **ERASED}.items() if row is not None}
    for rows in [left] if compacted else [BEFORE, ERASED]:
        store.write(0, rows, 4)
    assert files_with(b"+13308235512", folder, aside) == {"rows-0.db"}, "the search finds what is there"
    assert files_with(PHONE, folder, aside) == (set() if compacted else {"rows-0.db"})
    await store.on_stop()
    assert files_with(b"+13308235512", folder, aside) == {"rows-0.db"}, "the search finds what is there"
    if compacted:
        assert files_with(PHONE, folder, aside) == set()
