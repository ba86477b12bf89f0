"""A table: rows of one type by string key, one shard per partition, held in a changelog and a local store."""

from collections.abc import Callable, Iterable, Iterator, MutableMapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from aiokafka import ConsumerRecord
from faust.types import TP

from streams.lane.batch import Batch, current_batch
from streams.lane.collection import LaneCollection
from streams.lane.marks import Mark, decode_mark, mark_key
from streams.lane.stores import Rows

if TYPE_CHECKING:
    from streams.lane.app import LaneApp

T = TypeVar("T")
_KNOWN = 1_000  # decoded rows of a partition that are kept at hand


class LaneTable(LaneCollection, MutableMapping[str, T], Generic[T]):
    """Read and written inside batches only. Writes are held back until the changelog has them.

    Values are immutable (msgspec structs): what a batch wrote, the next one reads as the same object.
    """

    def __init__(
        self,
        app: "LaneApp",
        *,
        name: str,
        encode: Callable[[T], bytes],
        decode: Callable[[bytes], T],
        options: dict[str, int],
        help: str = "",  # noqa: A002  # Faust's word, shown by its command line
    ) -> None:
        super().__init__(app, name=name, help=help, options=options)
        self._encode = encode
        self._decode = decode
        self._held: dict[int, dict[str, Batch]] = {}  # key to the newest batch under way that changed it
        self._known: dict[
            int, dict[str, T | None]
        ] = {}  # some rows of the store, decoded; None: there is none

    __hash__ = LaneCollection.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other

    # --- inside a batch

    def __getitem__(self, key: str) -> T:
        value = self._row(key)
        if value is None:
            raise KeyError(key)
        return value

    def get(self, key: str, default: Any = None) -> Any:
        """The row of ``key`` as this batch sees it."""
        value = self._row(key)
        return default if value is None else value

    def _row(self, key: str) -> T | None:
        batch = current_batch()
        if batch.table is self and key in batch.changes:
            return cast("T | None", batch.changes[key])
        partition = batch.tp.partition
        held = self._held.get(partition)
        if held and key in held:
            return cast("T | None", held[key].changes[key])
        return self.row_of(partition, key)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self._row(key) is not None

    def __setitem__(self, key: str, value: T) -> None:
        if value is None:
            raise TypeError("None is no row; delete the key")
        self._change(key, value, self._encode(value))

    def __delitem__(self, key: str) -> None:
        if key not in self:
            raise KeyError(key)
        self._change(key, None, None)

    def _change(self, key: str, value: T | None, encoded: bytes | None) -> None:
        current_batch().change(self, key, value, encoded)

    def __iter__(self) -> Iterator[str]:
        batch = current_batch()
        held = {key: by.changes[key] for key, by in self._held.get(batch.tp.partition, {}).items()}
        if batch.table is self:
            held |= batch.changes
        yield from (key for key, _ in self.items_of(batch.tp.partition) if key not in held)
        yield from [key for key, value in held.items() if value is not None]

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __bool__(self) -> bool:
        return True

    # --- of a partition, for the owner of the app

    def row_of(self, partition: int, key: str) -> T | None:
        """The row of ``key`` in a partition this worker holds, as of the last batch that is done."""
        known = self._known.setdefault(partition, {})
        if key in known:
            return known[key]
        raw = self.store.read(partition, key.encode())
        value = None if raw is None else self._decode(raw)
        _remember(known, key, value)
        return value

    def items_of(
        self, partition: int, decode: Callable[[bytes], Any] | None = None
    ) -> Iterator[tuple[str, Any]]:
        """All rows of a partition this worker holds, as of the last batch that is done.

        ``decode``: in place of the table's own, for who needs less of a row and reads many.
        """
        decode = decode or self._decode
        return ((key.decode(), decode(value)) for key, value in self.store.scan(partition))

    def mark(self, source: TP) -> Mark:
        """How far the effects of ``source`` are in its partition of this table; offset -1 if none are."""
        if not self.store.holds(source.partition):
            return Mark(-1)
        value = self.store.read(source.partition, mark_key(source.topic))
        return Mark(-1) if value is None else decode_mark(value)

    # --- for the lane

    def hold_back(self, batch: Batch) -> None:
        """The body of ``batch`` has ended: the next ones see its changes, the store does not yet."""
        held = self._held.setdefault(batch.tp.partition, {})
        held.update(dict.fromkeys(batch.changes, batch))

    def settle(self, batch: Batch, rows: Rows, offset: int | None) -> None:
        """The changelog has the rows of ``batch``: the store follows, nothing of it is held back any more."""
        self.store.write(batch.tp.partition, rows, offset)
        held = self._held.get(batch.tp.partition, {})
        known = self._known.setdefault(batch.tp.partition, {})
        for key, value in batch.changes.items():
            _remember(known, key, value)
            if held.get(key) is batch:
                del held[key]

    def forget(self, partitions: Iterable[int]) -> None:
        """Drop what is held back for partitions that were revoked, and what was known of them."""
        for partition in partitions:
            self._held.pop(partition, None)
            self._known.pop(partition, None)

    def apply(self, partition: int, records: "list[ConsumerRecord[bytes, bytes]]") -> None:
        """Bring the store up to ``records``, the next of the partition's changelog."""
        self._known.pop(partition, None)
        super().apply(partition, records)

    def check_partitions(self, source: str) -> None:
        """Raise Faust's ``PartitionsMismatch`` if ``source`` is not partitioned like the changelog."""
        self._verify_source_topic_partitions(source)


def _remember(known: dict[str, T | None], key: str, value: T | None) -> None:
    """Keep what was read or written, in place of what has been kept longest."""
    if len(known) >= _KNOWN and key not in known:
        del known[next(iter(known))]
    known[key] = value
