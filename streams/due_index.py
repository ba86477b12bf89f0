"""When to look at which row, per partition: rebuilt from the rows and never trusted over them.

One entry is one bytes object, time first, so that a million of them are small and no garbage collection walks
over them. An entry that a later change made untrue stays: whoever looks finds nothing due.
"""

import heapq
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

Row = tuple[str, str]
"""Table and key."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_TIME_BYTES = 8
_SPARE = 100_000


@dataclass
class _Retry:
    at: bytes
    wait: timedelta


@dataclass
class DueIndex:
    """Rows of one partition in order of the time when they want to be looked at."""

    retry: timedelta
    retry_max: timedelta
    _heap: list[bytes] = field(default_factory=list)
    _retries: dict[Row, _Retry] = field(default_factory=dict)
    _clean: int = 0

    def add(self, table: str, key: str, at: datetime) -> None:
        """A row that is not in here yet: look at it at ``at``."""
        heapq.heappush(self._heap, _entry(at, table, key))
        self._clean += 1

    def put(self, table: str, key: str, at: datetime | None) -> None:
        """A row changed: look at it at ``at``; None: not before it changes again."""
        self._retries.pop((table, key), None)
        if at is not None:
            heapq.heappush(self._heap, _entry(at, table, key))
        if len(self._heap) > 2 * self._clean + _SPARE:
            self._drop_repeats()

    def _drop_repeats(self) -> None:
        self._heap = list(set(self._heap))
        heapq.heapify(self._heap)
        self._clean = len(self._heap)

    def take(self, now: datetime, limit: int) -> list[Row]:
        """The rows to look at by ``now``, at most ``limit``; say of each what was found: ``put_off``."""
        taken: dict[Row, None] = {}
        until = _time(now)
        heap = self._heap
        while heap and len(taken) < limit and heap[0][:_TIME_BYTES] <= until:
            entry = heapq.heappop(heap)
            row = _row(entry)
            retry = self._retries.get(row)
            if retry is None or retry.at == entry[:_TIME_BYTES]:
                taken[row] = None
        return list(taken)

    def put_off(self, row: Row, now: datetime, next_at: datetime | None) -> None:
        """A tick was sent for a due row: look again, slower each time, or when more of it is due."""
        known = self._retries.get(row)
        wait = min(known.wait * 2, self.retry_max) if known else self.retry
        at = now + wait if next_at is None else min(now + wait, next_at)
        entry = _entry(at, *row)
        self._retries[row] = _Retry(entry[:_TIME_BYTES], wait)
        heapq.heappush(self._heap, entry)

    def next_at(self) -> datetime | None:
        """When to look next."""
        if not self._heap:
            return None
        return _EPOCH + timedelta(microseconds=int.from_bytes(self._heap[0][:_TIME_BYTES]))

    def due(self, now: datetime) -> int:
        """How many entries are due; asked from another thread while the heap changes, about how many."""
        heap, until, found, look = self._heap, _time(now), 0, [0]
        while look:
            place = look.pop()
            for entry in heap[place : place + 1]:
                if entry[:_TIME_BYTES] <= until:
                    found += 1
                    look += (2 * place + 1, 2 * place + 2)
        return found

    def __len__(self) -> int:
        return len(self._heap)


def _time(at: datetime) -> bytes:
    return max((at - _EPOCH) // _MICROSECOND, 0).to_bytes(_TIME_BYTES)


def _entry(at: datetime, table: str, key: str) -> bytes:
    return b"%b%b\0%b" % (_time(at), table.encode(), key.encode())


def _row(entry: bytes) -> Row:
    table, _, key = entry[_TIME_BYTES:].decode().partition("\0")
    return table, key
