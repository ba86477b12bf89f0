"""The ticks of one partition: what is due, judged by the rows as they are when their time has come."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from rules.due import due_of_phone, due_of_stops
from rules.policy import Policy
from schemas.base import Message
from streams.due_index import DueIndex, Row

Due = tuple[datetime, Message]
Read = Callable[[str, str], Any]
_DUE_OF: dict[str, Callable[[str, Any, Policy], Iterable[Due]]] = {
    "bookings": due_of_phone,
    "opt_outs": due_of_stops,
}
TICKED_TABLES = tuple(_DUE_OF)
"""Tables whose rows may want a tick."""


class Ticks:
    """Follows the rows of one partition; a tick comes again, slower, until its row changes."""

    def __init__(self, index: DueIndex, read: Read, policy: Policy) -> None:
        """``read``: the row of a table and key as of the last batch done, None if there is none."""
        self._index, self._read, self._policy = index, read, policy

    def load(self, table: str, key: str, row: Any) -> None:
        """A row that was there already."""
        due = [at for at, _ in _DUE_OF[table](key, row, self._policy)]
        if due:
            self._index.add(table, key, min(due))

    def changed(self, table: str, key: str, row: Any) -> None:
        """A row became ``row``; None: it is gone. Rows of tables without ticks are nothing to us."""
        if table in _DUE_OF:
            self._index.put(table, key, min((at for at, _ in self._due((table, key), row)), default=None))

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

    def __len__(self) -> int:
        return len(self._index)
