"""How far the topics of a partition were read, and waiting for more."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from schemas.topics import DELIVERY_REPORTS, SMS_JOURNAL
from sender.pending import PartitionGone


@dataclass(eq=False, kw_only=True)
class ReadMarks:
    """Of one partition, from its assignment until it leaves."""

    seeking: bool = True
    """The journal's place is still to be found."""
    ends: dict[str, int] = field(default_factory=dict)
    """The ends of the topics noted at the assignment: nothing is sent before all are read."""
    reports_end: int = 0
    """The end of the reports then: they are heard only after the journal, and until then nothing is lost."""
    read_to: dict[str, int] = field(default_factory=dict)
    closed: bool = False
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def note_end(self, topic: str, end: int) -> None:
        """The end of a topic at the assignment."""
        if topic == DELIVERY_REPORTS.name:
            self.reports_end = end
        else:
            self.ends[topic] = end

    def has_reports(self) -> bool:
        """Whether the reports that waited at the assignment were heard."""
        return self.read_to.get(DELIVERY_REPORTS.name, 0) >= self.reports_end

    def has_read(self, topic: str, offset: int) -> None:
        """All records of a topic before ``offset`` were heard."""
        if offset > self.read_to.get(topic, -1):
            self.read_to[topic] = offset
            self._changed.set()

    def is_read(self, *topics: str) -> bool:
        """Whether all that was there at the assignment was read: withdrawals lie behind deliveries."""
        if not topics and self.seeking:
            return False
        return all(self.read_to.get(t, 0) >= end for t, end in self.ends.items() if not topics or t in topics)

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Return when more was read and it is so. Raises ``PartitionGone``."""
        while not is_so():
            if self.closed:
                raise PartitionGone
            self._changed.clear()
            await self._changed.wait()

    async def read_past(self, offset: int) -> None:
        """Return when the journal has been read past an offset. Raises ``PartitionGone``."""
        await self.until(lambda: self.read_to.get(SMS_JOURNAL.name, 0) > offset)

    def found(self) -> None:
        """The journal's place is found: it is read from there."""
        self.seeking = False
        self._changed.set()

    def shut(self) -> None:
        """The partition has left: whoever waits is told."""
        self.closed = True
        self._changed.set()
