"""A batch: some records of one partition, and everything they cause."""

from collections.abc import Iterator
from contextvars import ContextVar, Token
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from aiokafka import ConsumerRecord

from streams.lane.delivery import Delivered
from streams.lane.errors import LaneError, TooLarge
from streams.lane.marks import is_internal
from streams.lane.outbox import Headers

if TYPE_CHECKING:
    from streams.lane.lane import Lane
    from streams.lane.table import LaneTable

_ROW_OVERHEAD = 45  # upper bound of the lengths and deltas of a record inside a record batch
_current: "ContextVar[Batch | None]" = ContextVar("batch", default=None)


def current_batch() -> "Batch":
    """The batch this task is inside of. Raises ``LaneError`` outside of one."""
    batch = _current.get()
    if batch is None:
        raise LaneError("tables are used inside a batch only: async with batch")
    return batch


class Batch:
    """``async with batch``: iterate its records, read and write one table, send. Left by exception: poisoned.

    Iteration ends early when the rows written so far fill half a record batch; the stream then gives the rest
    as another batch, so that the rows of a batch always reach the changelog whole.
    """

    __slots__ = (
        "_lane", "_records", "_taken", "_token", "at_ms", "changes", "closed", "end", "generation", "outbox",
        "rest", "row_bytes", "rows", "seen", "seen_ms", "table", "tp",
    )  # fmt: skip

    def __init__(self, lane: "Lane", delivered: Delivered) -> None:
        self._lane = lane
        self._records = delivered.records
        self._taken = 0
        self._token: Token[Batch | None] | None = None
        self.tp = delivered.tp
        self.end = delivered.end
        self.generation = delivered.generation
        self.outbox = lane.outbox()
        self.at_ms = self.outbox.at_ms
        self.closed = False
        self.rest: Delivered | None = None
        self.table: LaneTable[Any] | None = None
        self.changes: dict[str, Any] = {}  # key to its value now; None: deleted
        self.rows: dict[bytes, bytes | None] = {}  # the same, encoded
        self.row_bytes = 0
        self.seen = self.seen_ms = -1  # offset and time of the last record taken

    def __len__(self) -> int:
        return len(self._records) - self._taken

    def __iter__(self) -> "Iterator[ConsumerRecord[bytes, bytes]]":
        records, full = self._records, self._lane.max_rows_bytes // 2
        while self._taken < len(records) and self.row_bytes <= full:
            self._taken += 1
            yield records[self._taken - 1]

    def send(
        self,
        topic: str,
        *,
        key: bytes | None,
        value: bytes | None,
        partition: int | None = None,
        headers: Headers = (),
    ) -> None:
        """Add an output; without ``partition`` the key decides. Raises ``TooLarge`` or ``LaneError``."""
        self.outbox.add(topic, key=key, value=value, partition=partition, headers=headers)

    def change(self, table: "LaneTable[Any]", key: str, value: Any, encoded: bytes | None) -> None:
        """Note that ``key`` of ``table`` becomes ``value`` (None: deleted).

        Raises ``TooLarge``, whatever else is in the batch, for a row over a quarter of a record batch.
        """
        if self.table is not table:
            self._bind(table)
        raw = key.encode()
        if not raw or is_internal(raw):
            raise LaneError(f"{table.name}: keys are not empty and do not begin with a zero byte")
        size = _ROW_OVERHEAD + len(raw) + (len(encoded) if encoded else 0)
        if size > self._lane.max_row_bytes:
            raise TooLarge(f"{table.name}: a row of {size} bytes: the limit is {self._lane.max_row_bytes}")
        total = self.row_bytes + size
        if raw in self.rows:
            total -= _ROW_OVERHEAD + len(raw) + len(self.rows[raw] or b"")
        if total > self._lane.max_rows_bytes:
            raise LaneError(f"{table.name}: one record changed {total} bytes of rows")
        self.row_bytes = total
        self.rows[raw] = encoded
        self.changes[key] = value

    def _bind(self, table: "LaneTable[Any]") -> None:
        if self.table is not None:
            raise LaneError(f"an agent writes one table: {self.table.name}, not {table.name} as well")
        table.check_partitions(self.tp.topic)
        self.table = table

    def close(self) -> None:
        """Cut the batch down to what was iterated over; ``rest`` is what was not. Raises ``LaneError``."""
        left = self._records[self._taken :]
        if left:
            if not self._taken:
                raise LaneError(f"{self.tp}: a body took none of its {len(left)} records")
            cut = self._records[self._taken - 1].offset + 1
            self.rest = Delivered(self.tp, left, cut, self.end, self.generation)
            self.end = cut
        if self._taken:
            last = self._records[self._taken - 1]
            self.seen, self.seen_ms = last.offset, last.timestamp
        self._records = []
        self.closed = True

    async def __aenter__(self) -> Self:
        self._token = _current.set(self)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._token is not None:
            _current.reset(self._token)
        await self._lane.leave(self, error)
