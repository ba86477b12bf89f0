"""Texts to send, the earliest deadline first; what can't go yet is parked and looked at again by a sweep."""

import heapq
import itertools
from datetime import datetime

from sender.pending import Pending


class Backlog:
    """Of all partitions of this sender. Entries whose delivery has ended drop out when they are met."""

    def __init__(self) -> None:
        self._heap: list[tuple[datetime, int, Pending]] = []
        self._parked: list[Pending] = []
        self._order = itertools.count()

    def __len__(self) -> int:
        return len(self._heap) + len(self._parked)

    def put(self, pending: Pending) -> None:
        """Add a text that may go."""
        heapq.heappush(self._heap, (pending.delivery.not_after, next(self._order), pending))

    def park(self, pending: Pending) -> None:
        """Keep a text that must wait until the next sweep."""
        self._parked.append(pending)

    def sweep(self) -> None:
        """All that was parked may be looked at again."""
        parked, self._parked = self._parked, []
        for pending in parked:
            if not pending.over:
                self.put(pending)

    def pop(self) -> Pending | None:
        """The text with the earliest deadline."""
        while self._heap:
            pending = heapq.heappop(self._heap)[2]
            if not pending.over:
                return pending
        return None

    def earliest(self) -> datetime | None:
        """The earliest deadline among the texts that may go."""
        while self._heap and self._heap[0][2].over:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def clear(self) -> None:
        """Forget all: the partitions have left."""
        self._heap, self._parked = [], []
