"""What is due when, per partition: an index over rows, rebuilt from them and never trusted over them."""

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from schemas.base import Message

Due = tuple[datetime, Message]


@dataclass
class _Entry:
    row: tuple[str, str]
    version: int
    message: Message
    wait: timedelta


@dataclass
class DueIndex:
    """Ticks of one partition in order of time. A row that changed drops the ticks it had."""

    retry: timedelta
    retry_max: timedelta
    _heap: list[tuple[datetime, int, _Entry]] = field(default_factory=list)
    _version: dict[tuple[str, str], int] = field(default_factory=dict)
    _order: Iterator[int] = field(default_factory=count)

    def put(self, table: str, key: str, due: Iterable[Due]) -> None:
        """Replace what is known of a row; nothing due forgets it."""
        row = (table, key)
        version = next(self._order)
        entries = list(due)
        if not entries:
            self._version.pop(row, None)
            return
        self._version[row] = version
        for at, message in entries:
            self._push(at, _Entry(row, version, message, self.retry))

    def _push(self, at: datetime, entry: _Entry) -> None:
        heapq.heappush(self._heap, (at, next(self._order), entry))

    def take(self, now: datetime, limit: int) -> list[Message]:
        """The ticks due at ``now``, at most ``limit``; each comes again, slower, until its row changes."""
        taken: list[Message] = []
        while len(taken) < limit and self._drop_stale() and self._heap[0][0] <= now:
            _, _, entry = heapq.heappop(self._heap)
            taken.append(entry.message)
            self._push(now + entry.wait, entry)
            entry.wait = min(entry.wait * 2, self.retry_max)
        return taken

    def next_at(self) -> datetime | None:
        """When the next tick is due."""
        return self._heap[0][0] if self._drop_stale() else None

    def _drop_stale(self) -> bool:
        heap = self._heap
        while heap and self._version.get(heap[0][2].row) != heap[0][2].version:
            heapq.heappop(heap)
        return bool(heap)

    def __len__(self) -> int:
        return len(self._heap)
