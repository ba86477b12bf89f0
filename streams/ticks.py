"""The ticks of one partition: what is due, judged by the rows as they are when their time has come."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import msgspec

from rules.due import due_of_phone, due_of_stops, next_due_of_phone, next_due_of_stops
from rules.policy import Policy
from schemas.base import Message
from schemas.row_times import PhoneTimes
from schemas.rows import PhoneStops
from streams.due_index import DueIndex, Row

Due = tuple[datetime, Message]
Read = Callable[[str, str], Any]
_DUE_OF: dict[str, Callable[[str, Any, Policy], Iterable[Due]]] = {
    "bookings": due_of_phone,
    "opt_outs": due_of_stops,
}
_NEXT_OF: dict[str, Callable[[Any, Policy], datetime | None]] = {
    "bookings": next_due_of_phone,
    "opt_outs": next_due_of_stops,
}
TIMES_OF: dict[str, Callable[[bytes], Any]] = {
    "bookings": msgspec.json.Decoder(PhoneTimes).decode,
    "opt_outs": msgspec.json.Decoder(PhoneStops).decode,
}
"""By table whose rows may want a tick: reads of a row what ``load`` asks of it."""


class Ticks:
    """Follows the rows of one partition; a tick comes again, slower, until its row changes."""

    def __init__(self, index: DueIndex, read: Read, policy: Policy) -> None:
        """``read``: the row of a table and key as of the last batch done, None if there is none."""
        self._index, self._read, self._policy = index, read, policy

    def load(self, table: str, key: str, row: Any) -> None:
        """A row that was there already, or the part of it that ``TIMES_OF`` decodes."""
        at = _NEXT_OF[table](row, self._policy)
        if at is not None:
            self._index.add(table, key, at)

    def changed(self, table: str, key: str, row: Any) -> None:
        """A row became ``row``; None: it is gone. Rows of tables without ticks are nothing to us."""
        if table in _NEXT_OF:
            self._index.put(table, key, None if row is None else _NEXT_OF[table](row, self._policy))

    def take(self, now: datetime, limit: int) -> list[Message]:
        """The ticks of about ``limit`` rows that are due at ``now``."""
        messages: list[Message] = []
        for row in self._index.take(now, limit):
            messages += self._ticks_of(row, now)
        return messages

    def _ticks_of(self, row: Row, now: datetime) -> list[Message]:
        due = self._due(row, self._read(*row))
        found = [message for at, message in due if at <= now]
        later = min((at for at, _ in due if at > now), default=None)
        if found:
            self._index.put_off(row, now, later)
        else:
            self._index.put(*row, later)
        return found

    def _due(self, row: Row, value: Any) -> list[Due]:
        table, key = row
        return [] if value is None else list(_DUE_OF[table](key, value, self._policy))

    def next_at(self) -> datetime | None:
        """When to ask next."""
        return self._index.next_at()

    def due(self, now: datetime) -> int:
        """How many rows want to be looked at by now."""
        return self._index.due(now)

    def __len__(self) -> int:
        return len(self._index)
