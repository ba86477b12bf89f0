from pathlib import Path

import pytest
from faust.types import TP

from streams.lane import LaneApp, LaneError, LaneSettings
from streams.lane.rocks import RocksStore
from streams.lane.stores import LaneStore, MemoryStore

CHANGELOG = "app-rows-changelog"


def opened(kind: str, folder: Path) -> LaneStore:
    settings = LaneSettings(broker="kafka://127.0.0.1:1", store=kind, datadir=folder)
    app = LaneApp("app", settings, env={})
    return app.table("rows", encode=bytes, decode=bytes).store


@pytest.fixture(params=["memory://", "rocksdb://"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> LaneStore:
    store = opened(request.param, tmp_path)
    await move(store, assigned={0, 1})
    return store


async def move(store: LaneStore, *, assigned: set[int], revoked: set[int] | None = None) -> None:
    def tps(numbers: set[int]) -> set[TP]:
        return {TP(CHANGELOG, n) for n in numbers} | {TP("other", 7)}

    await store.on_rebalance(tps(assigned), tps(revoked or set()), tps(assigned))


def test_the_url_chooses_the_kind(tmp_path: Path) -> None:
    assert isinstance(opened("memory://", tmp_path), MemoryStore)
    assert isinstance(opened("rocksdb://", tmp_path), RocksStore)


async def test_rows_and_offset_are_written_together(store: LaneStore) -> None:
    store.write(0, {b"a": b"1", b"b": b"2", b"\0mark": b"9"}, 5)
    store.write(0, {b"a": None, b"c": b"3"}, 7)
    assert dict(store.scan(0)) == {b"b": b"2", b"c": b"3"}
    assert store.read(0, b"\0mark") == b"9"
    assert store.read(0, b"a") is None
    assert store.persisted_offset(TP(CHANGELOG, 0)) == 7


async def test_a_scan_goes_on_over_the_rows_as_they_were(store: LaneStore) -> None:
    store.write(0, {b"a": b"1", b"b": b"2"}, 5)
    scanned = store.scan(0)
    assert next(scanned) == (b"a", b"1")
    store.write(0, {b"b": None, b"c": b"3"}, 6)
    assert list(scanned) == [(b"b", b"2")]


async def test_an_unknown_offset_leaves_the_known_one(store: LaneStore) -> None:
    store.write(0, {b"a": b"1"}, 5)
    store.write(0, {b"a": b"2"}, None)
    assert store.persisted_offset(TP(CHANGELOG, 0)) == 5
    assert store.read(0, b"a") == b"2"


async def test_partitions_are_apart(store: LaneStore) -> None:
    store.write(0, {b"a": b"1"}, 5)
    assert store.read(1, b"a") is None
    assert store.persisted_offset(TP(CHANGELOG, 1)) is None


async def test_only_assigned_partitions_are_held(store: LaneStore) -> None:
    assert [store.holds(n) for n in (0, 1, 7)] == [True, True, False]
    for use in (lambda: store.read(7, b"a"), lambda: store.write(7, {}, 1), lambda: store.scan(7)):
        with pytest.raises(LaneError, match="not held"):
            use()


async def test_a_partition_that_stays_keeps_its_rows(store: LaneStore) -> None:
    store.write(0, {b"a": b"1"}, 5)
    await move(store, assigned={0}, revoked={1})
    assert store.read(0, b"a") == b"1"
    assert not store.holds(1)


async def test_a_partition_that_returns_is_never_ahead_of_what_it_holds(store: LaneStore) -> None:
    """Memory begins anew, RocksDB goes on where it was: offset and rows always agree."""
    store.write(0, {b"a": b"1"}, 5)
    await move(store, assigned={1}, revoked={0})
    await move(store, assigned={0, 1})
    at, row = store.persisted_offset(TP(CHANGELOG, 0)), store.read(0, b"a")
    assert (at, row) == ((5, b"1") if isinstance(store, RocksStore) else (None, None))


async def test_rocksdb_survives_its_process(tmp_path: Path) -> None:
    first = opened("rocksdb://", tmp_path)
    await move(first, assigned={0})
    first.write(0, {b"a": b"1"}, 5)
    await first.on_stop()
    again = opened("rocksdb://", tmp_path)
    await move(again, assigned={0})
    assert again.read(0, b"a") == b"1"
    assert again.persisted_offset(TP(CHANGELOG, 0)) == 5


async def test_reset_removes_what_is_local(tmp_path: Path) -> None:
    store = opened("rocksdb://", tmp_path)
    await move(store, assigned={0})
    store.write(0, {b"a": b"1"}, 5)
    store.reset_state()
    await move(store, assigned={0})
    assert store.read(0, b"a") is None
