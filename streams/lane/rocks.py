"""Rows of a table in RocksDB: what a worker holds survives it, and a restart reads only what came after."""

import asyncio
import shutil
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import cast

from faust.types import TP
from rocksdict import BlockBasedOptions, Cache, Options, Rdict, WriteBatch

from streams.lane.errors import LaneError
from streams.lane.stores import FIRST_KEY, LaneStore, Rows

_OFFSET_KEY = b"\0offset"


class RocksStore(LaneStore):
    """One RocksDB database per partition, with one small block cache for all partitions of the table."""

    def __post_init__(self) -> None:
        self._dbs: dict[int, Rdict] = {}

    def holds(self, partition: int) -> bool:
        """Whether the partition is ours."""
        return partition in self._dbs

    def read(self, partition: int, key: bytes) -> bytes | None:
        """The row of ``key``, None if there is none."""
        value: bytes | None = self._db(partition).get(key)
        return value

    def write(self, partition: int, rows: Rows, offset: int | None) -> None:
        """Put the rows (None: delete) and the changelog offset they reach, in one atomic write."""
        batch = WriteBatch(raw_mode=True)
        for key, value in rows.items():
            if value is None:
                batch.delete(key)
            else:
                batch.put(key, value)
        if offset is not None:
            batch.put(_OFFSET_KEY, b"%d" % offset)
        self._db(partition).write(batch)

    def scan(self, partition: int) -> Iterator[tuple[bytes, bytes]]:
        """All rows of the application, ordered by key."""
        return cast("Iterator[tuple[bytes, bytes]]", self._db(partition).items(from_key=FIRST_KEY))

    def _db(self, partition: int) -> Rdict:
        db = self._dbs.get(partition)
        if db is None:
            raise LaneError(f"{self.table_name}: partition {partition} is not held by this worker")
        return db

    async def hold(self, partition: int) -> None:
        """Open the partition's database, off the event loop."""
        if partition not in self._dbs:
            self._dbs[partition] = await asyncio.to_thread(self._open, self.path(partition))

    def _open(self, path: Path) -> Rdict:
        path.parent.mkdir(parents=True, exist_ok=True)
        return Rdict(str(path), options=self._settings())

    def _settings(self) -> Options:
        blocks = BlockBasedOptions()
        blocks.set_block_cache(self._cache)
        blocks.set_bloom_filter(10, block_based=False)
        settings = Options(raw_mode=True)
        settings.create_if_missing(True)
        settings.set_write_buffer_size((self.options or {})["write_buffer_bytes"])
        settings.set_max_write_buffer_number(2)
        settings.set_keep_log_file_num(2)
        settings.set_block_based_table_factory(blocks)
        return settings

    @cached_property
    def _cache(self) -> Cache:
        return Cache((self.options or {})["cache_bytes"])

    def path(self, partition: int) -> Path:
        """Folder of the partition's database."""
        return Path(self.app.conf.tabledir) / f"{self.table_name}-{partition}.db"

    def drop(self, partition: int) -> None:
        """Close the partition's database; its files stay and make a return cheap."""
        db = self._dbs.pop(partition, None)
        if db is not None:
            db.close()

    def persisted_offset(self, tp: TP) -> int | None:
        """How far the changelog partition is in here."""
        offset = self.read(tp.partition, _OFFSET_KEY)
        return None if offset is None else int(offset)

    async def on_stop(self) -> None:
        """Close every database."""
        for partition in list(self._dbs):
            self.drop(partition)

    def reset_state(self) -> None:
        """Remove the databases of this table; the changelog stays."""
        for partition in list(self._dbs):
            self.drop(partition)
        for path in Path(self.app.conf.tabledir).glob(f"{self.table_name}-*.db"):
            shutil.rmtree(path)
