"""Which changelog partitions are ours, since which epoch, and whether anybody else wrote there.

An owner's rows follow each other without a gap. A gap means that another worker wrote: then we ask whether we
are still a member before we believe our own write, and what the other covered is written again. A worker that
was frozen always meets a gap: the fence of whoever took over lies in it.
"""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from aiokafka import ConsumerRecord
from faust.types import TP

from streams.lane.changelog import Written, append, parts, read
from streams.lane.epochs import FENCE_KEY, Reading, encode_fence
from streams.lane.errors import LaneError, Superseded
from streams.lane.outbox import now_ms
from streams.lane.stores import Rows

if TYPE_CHECKING:
    from streams.lane.lane import Lane
    from streams.lane.table import LaneTable

log = logging.getLogger(__name__)
_TRIES = 5


@dataclass
class Claim:
    """A changelog partition of ours. ``clean_to``: we know every record before; ``next``: end of our rows."""

    epoch: int | None
    next: int
    clean_to: int


class Ownership:
    """The claims of one worker. ``epochs=False``: the rule of before, for a test that shows it fail."""

    def __init__(self, lane: "Lane", *, epochs: bool) -> None:
        self._lane = lane
        self._epochs = epochs
        self._claims: dict[TP, Claim] = {}

    def forget(self) -> None:
        """Every partition was revoked."""
        self._claims.clear()

    def claim_of(self, tp: TP) -> Claim:
        """The claim on a changelog partition. Raises ``LaneError`` if it is not ours."""
        claim = self._claims.get(tp)
        if claim is None:
            raise LaneError(f"{tp} is not ours to write")
        return claim

    def is_first(self, partition: int) -> bool:
        """Whether we are the first owner to write fences there, and commits may be of a version before."""
        epochs = [claim.epoch or 0 for tp, claim in self._claims.items() if tp.partition == partition]
        return max(epochs, default=0) <= 1

    # --- after recovery

    async def claim(self, ends: Mapping[TP, int], generation: int) -> None:
        """Fence changelog partitions, each recovered up to the offset given. Raises ``Superseded``."""
        if not self._epochs:
            self._claims = {tp: Claim(None, end, end) for tp, end in ends.items()}
            return
        if ends:
            await self._lane.membership.confirm(generation, now=True)
        await asyncio.gather(*(self._fence(tp, end, generation) for tp, end in ends.items()))

    async def _fence(self, tp: TP, end: int, generation: int) -> None:
        """One epoch above all that was read; again if something came in between, once that is read too."""
        table = self._lane.table_of(tp)
        for _ in range(_TRIES):
            reading = table.reading(tp.partition)
            epoch = reading.epoch + 1
            written, fence = await self._write_fence(tp, table, epoch)
            if written.start == end:
                self._report(tp, reading)
                reading.epoch = epoch
                reading.mended()
                table.store.write(tp.partition, fence, written.end - 1)
                self._claims[tp] = Claim(epoch, written.end, written.end)
                return
            end = await self._catch_up(tp, table, end)
            await self._lane.membership.confirm(generation, now=True)
        raise LaneError(f"{tp}: others kept writing, it could not be claimed")

    async def _write_fence(
        self, tp: TP, table: "LaneTable[Any]", epoch: int
    ) -> tuple[Written, dict[bytes, bytes | None]]:
        """The fence, and with it in one record batch what was covered by rows that do not count."""
        rows = self._rows(table, tp.partition, table.reading(tp.partition).covered - {FENCE_KEY})
        fence: dict[bytes, bytes | None] = {FENCE_KEY: encode_fence(epoch, self._lane.name)}
        return await self._append(tp, rows | fence, epoch), fence

    async def _catch_up(self, tp: TP, table: "LaneTable[Any]", start: int) -> int:
        end = await self._end(tp)
        table.apply(tp.partition, await self._read(tp, start, end))
        return end

    @staticmethod
    def _rows(table: "LaneTable[Any]", partition: int, keys: Iterable[bytes]) -> dict[bytes, bytes | None]:
        return {key: table.store.read(partition, key) for key in keys}

    def _report(self, tp: TP, reading: Reading) -> None:
        if reading.ignored:
            log.error("%s: left out %s rows of a worker that was taken for dead", tp, reading.ignored)

    # --- while we own

    async def write(self, tp: TP, rows: Rows, generation: int, at_ms: int) -> int | None:
        """Append the rows of a batch; the offset up to which the store may say it is, None: no further.

        Raises ``Superseded`` if the partition is another's by now: then the rows do not count.
        """
        claim = self.claim_of(tp)
        written = await append(self._lane.producer, tp, rows, claim.epoch, at_ms)
        if claim.epoch is None:
            return written.end - 1 if written.start >= 0 else None
        if written.start != claim.next:
            await self._lane.membership.confirm(generation, now=True)
        if written.start >= 0:
            if written.start == claim.next == claim.clean_to:
                claim.clean_to = written.end
            claim.next = written.end
        return written.end - 1 if claim.clean_to == written.end else None

    async def look(self) -> None:
        """Find rows that others wrote behind our fences, and write again what they cover."""
        if not self._epochs or not self._claims:
            return
        ends = await self._lane.app.consumer.highwaters(*self._claims)
        if any(tp in self._claims and end > self._claims[tp].clean_to for tp, end in ends.items()):
            await self._mend_all()

    async def _mend_all(self) -> None:
        async with self._lane.at_rest():
            if self._claims:
                ends = await self._lane.app.consumer.highwaters(*self._claims)
                for tp, claim in list(self._claims.items()):
                    if ends[tp] > claim.clean_to:
                        await self._mend(tp, claim, ends[tp])

    async def _mend(self, tp: TP, claim: Claim, end: int) -> None:
        table, reading = self._lane.table_of(tp), Reading(claim.epoch or 0)
        reading.take(await self._read(tp, claim.clean_to, end))
        if reading.epoch > (claim.epoch or 0):
            raise Superseded(f"{tp} belongs to epoch {reading.epoch}, we are {claim.epoch}")
        claim.next = claim.clean_to = end
        self._report(tp, reading)
        if reading.covered:
            rows = self._rows(table, tp.partition, reading.covered)
            written = await self._append(tp, rows, claim.epoch)
            if written.start == end:
                claim.next = claim.clean_to = written.end

    async def _append(self, tp: TP, rows: Rows, epoch: int | None) -> Written:
        """Append the rows, in several record batches if need be; where they stand if they stand together."""
        pieces = [
            await append(self._lane.producer, tp, some, epoch, now_ms())
            for some in parts(rows, self._lane.max_rows_bytes)
        ]
        together = all(one.end == two.start for one, two in pairwise(pieces))
        return Written(pieces[0].start if together else -1, len(rows))

    async def _end(self, tp: TP) -> int:
        return int((await self._lane.app.consumer.highwaters(tp))[tp])

    async def _read(self, tp: TP, start: int, end: int) -> "list[ConsumerRecord[bytes, bytes]]":
        return await read(self._lane.app, tp, start, end)
