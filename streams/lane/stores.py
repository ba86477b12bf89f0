"""Where the rows of a table live on this worker: one store per table, one part of it per partition.

A store is never ahead of the changelog: rows, marks and the changelog offset they reach go in together.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from faust.stores.base import Store
from faust.types import TP

from streams.lane.errors import LaneError

FIRST_KEY = b"\x01"  # keys that begin with a zero byte are the lane's own

Rows = Mapping[bytes, bytes | None]


class LaneStore(Store[Any, Any]):
    """What both kinds share: which partitions they hold follows the assignment."""

    def holds(self, partition: int) -> bool:
        """Whether the partition is ours."""
        raise NotImplementedError

    def read(self, partition: int, key: bytes) -> bytes | None:
        """The row of ``key``, None if there is none."""
        raise NotImplementedError

    def write(self, partition: int, rows: Rows, offset: int | None) -> None:
        """Put the rows (None: delete) and the changelog offset they reach; None: it stays."""
        raise NotImplementedError

    def scan(self, partition: int) -> Iterator[tuple[bytes, bytes]]:
        """All rows of the application as they are now, in no particular order."""
        raise NotImplementedError

    def drop(self, partition: int) -> None:
        """The partition is not ours any more."""
        raise NotImplementedError

    async def hold(self, partition: int) -> None:
        """The partition is ours from now on."""

    async def on_rebalance(
        self, assigned: set[TP], revoked: set[TP], newly_assigned: set[TP], generation_id: int = 0
    ) -> None:
        """Hold exactly the partitions of the changelog that are assigned."""
        topic = self.table.changelog_topic.get_topic_name()
        for tp in revoked:
            if tp.topic == topic:
                self.drop(tp.partition)
        for tp in assigned:
            if tp.topic == topic:
                await self.hold(tp.partition)

    def reset_state(self) -> None:
        """Forget everything held locally; the changelog stays."""

    def apply_changelog_batch(self, batch: Any, to_key: Any, to_value: Any) -> None:
        """Not used: the table reads its changelog itself."""
        raise NotImplementedError

    async def backup_partition(self, *_args: Any, **_kwargs: Any) -> None:
        """Not offered: the changelog is the copy."""
        raise NotImplementedError

    def restore_backup(self, *_args: Any, **_kwargs: Any) -> None:
        """Not offered: the changelog is the copy."""
        raise NotImplementedError


class MemoryStore(LaneStore):
    """Rows in dictionaries; read from the changelog again at each start."""

    def __post_init__(self) -> None:
        self._rows: dict[int, dict[bytes, bytes]] = {}
        self._offsets: dict[int, int] = {}

    def holds(self, partition: int) -> bool:
        """Whether the partition is ours."""
        return partition in self._rows

    def read(self, partition: int, key: bytes) -> bytes | None:
        """The row of ``key``, None if there is none."""
        return self._held(partition).get(key)

    def write(self, partition: int, rows: Rows, offset: int | None) -> None:
        """Put the rows (None: delete) and the changelog offset they reach."""
        held = self._held(partition)
        for key, value in rows.items():
            if value is None:
                held.pop(key, None)
            else:
                held[key] = value
        if offset is not None:
            self._offsets[partition] = offset

    def scan(self, partition: int) -> Iterator[tuple[bytes, bytes]]:
        """All rows of the application, in no particular order."""
        rows = list(self._held(partition).items())  # as they are now, whatever is written meanwhile
        return ((key, value) for key, value in rows if key >= FIRST_KEY)

    def _held(self, partition: int) -> dict[bytes, bytes]:
        rows = self._rows.get(partition)
        if rows is None:
            raise LaneError(f"{self.table_name}: partition {partition} is not held by this worker")
        return rows

    async def hold(self, partition: int) -> None:
        """Begin empty, unless the partition stayed."""
        self._rows.setdefault(partition, {})

    def drop(self, partition: int) -> None:
        """Forget the partition."""
        self._rows.pop(partition, None)
        self._offsets.pop(partition, None)

    def persisted_offset(self, tp: TP) -> int | None:
        """How far the changelog partition is in here."""
        return self._offsets.get(tp.partition)
