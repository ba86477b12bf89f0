"""How far a partition may be committed: before the first record that has not ended."""

from collections import deque


class Offsets:
    """Offsets are begun in rising order and ended in any."""

    def __init__(self) -> None:
        self._begun: deque[int] = deque()
        self._open: set[int] = set()

    def begin(self, offset: int) -> None:
        """The record at this offset has something to do."""
        self._begun.append(offset)
        self._open.add(offset)

    def end(self, offset: int) -> None:
        """It is done."""
        self._open.discard(offset)

    def first_open(self, otherwise: int) -> int:
        """The first offset that is not done, or ``otherwise``."""
        while self._begun and self._begun[0] not in self._open:
            self._begun.popleft()
        return self._begun[0] if self._begun else otherwise
