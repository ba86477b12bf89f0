"""What is due next in tables that are plain dicts: the clock of a forecast, which keeps no index on disk."""

import heapq
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import count
from typing import Any

from rules.due import due_of_phone, due_of_stops
from rules.policy import Policy
from schemas.base import Message
from schemas.bookings import Tidy

Tick = tuple[datetime, Message]


class Rows(dict[str, Any]):
    """A table that remembers which of its rows were written."""

    def __init__(self) -> None:
        super().__init__()
        self.written: dict[str, None] = {}

    def __setitem__(self, key: str, row: Any) -> None:
        self.written[key] = None
        super().__setitem__(key, row)


class Alarms:
    """The ticks of ``bookings`` and ``opt_outs`` in order of time, each once; tidying is left out."""

    def __init__(self, bookings: Rows, opt_outs: Rows, policy: Policy) -> None:
        self._tables: tuple[tuple[Rows, Callable[..., Iterator[Tick]]], ...] = (
            (bookings, due_of_phone),
            (opt_outs, due_of_stops),
        )
        self._policy, self._order = policy, count()
        self._heap: list[tuple[datetime, int, Rows, str, Any, Message]] = []

    def take(self, until: datetime | None) -> Tick | None:
        """The next tick until then, taken off; None if there is none. A row written since has new ones."""
        for table, due in self._tables:
            for key in table.written:
                self._set(table, key, due)
            table.written.clear()
        while self._heap and (until is None or self._heap[0][0] <= until):
            when, _, table, key, row, message = heapq.heappop(self._heap)
            if table.get(key) is row:
                return when, message
        return None

    def _set(self, table: Rows, key: str, due: Callable[..., Iterator[Tick]]) -> None:
        row = table[key]
        for when, message in due(key, row, self._policy):
            if not isinstance(message, Tidy):
                heapq.heappush(self._heap, (when, next(self._order), table, key, row, message))
