"""How far each source partition was fetched, begun and done: offsets that never jump over a record."""

from collections.abc import Iterable, Mapping

from faust.types import TP

from streams.lane.delivery import Delivered, Fetched
from streams.lane.errors import Hole


class Progress:
    """Bookkeeping of one worker. ``done`` is what may be committed."""

    def __init__(self, sources: Mapping[str, bool]) -> None:
        """``sources``: topic to whether its log may have holes (compacted, or written by transactions)."""
        self._sources = sources
        self._fetched: dict[TP, int] = {}
        self._begun: dict[TP, int] = {}
        self.done: dict[TP, int] = {}

    def start(self, positions: Mapping[TP, int]) -> None:
        """Fetching goes on at these offsets. What is done already stays done."""
        self._fetched.update(positions)
        self._begun.update(positions)
        for tp, offset in positions.items():
            self.finish(tp, offset)

    def forget(self, tps: Iterable[TP]) -> None:
        """The partitions belong to someone else now."""
        for tp in tps:
            for offsets in (self._fetched, self._begun, self.done):
                offsets.pop(tp, None)

    def fetch(self, tp: TP, fetched: Fetched, generation: int) -> Delivered:
        """The delivery of what was fetched. Raises ``Hole`` if it does not follow what was fetched before."""
        records, end = fetched
        start = self._fetched.get(tp, 0)
        if self._sources[tp.topic]:
            whole = not records or records[0].offset >= start
        else:
            whole = bool(records) and records[0].offset == start and len(records) == end - start
        if not whole:
            raise Hole(f"{tp}: expected {start} to {end}, got {len(records)} records from {records[:1]}")
        self._fetched[tp] = end
        return Delivered(tp, records, start, end, generation)

    def check(self, delivered: Delivered) -> None:
        """Raise ``Hole`` if ``delivered`` does not follow what was begun: one before it was lost."""
        begun = self._begun.get(delivered.tp)
        if begun != delivered.start:
            raise Hole(f"{delivered.tp}: begun up to {begun}, next delivery starts at {delivered.start}")

    def begin(self, tp: TP, end: int) -> None:
        """Everything before ``end`` is on its way."""
        self._begun[tp] = end

    def finish(self, tp: TP, end: int) -> None:
        """Everything before ``end`` is done."""
        self.done[tp] = max(self.done.get(tp, 0), end)
