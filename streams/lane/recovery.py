"""Table recovery, made strict: the store says where to read on; nothing flows before every seek is done."""

from collections import Counter
from typing import Any, cast

from aiokafka import TopicPartition
from aiokafka.structs import OffsetAndMetadata
from faust.tables.manager import TableManager
from faust.tables.recovery import RebalanceAgain, Recovery
from faust.types import TP
from faust.types.tables import CollectionT
from mode.utils.queues import ThrowableQueue

from streams.lane.changelog import reader
from streams.lane.errors import LogReplaced
from streams.lane.hooks import Hooks
from streams.lane.lane import Lane
from streams.lane.process import spare_collector
from streams.lane.replaced import COMMITTED_BY_LANE, Place, explain, problem_of
from streams.lane.witness import contradicted

_LOOK_BYTES = 4_096  # of a partition; a larger record batch still comes
_QUEUE = 16  # deliveries read ahead from changelogs


class LaneRecovery(Recovery):
    """Brings the stores of assigned partitions up to their changelogs."""

    @property
    def _lane(self) -> Lane:
        lane: Lane = self.app.lane  # type: ignore[attr-defined]  # the app is a LaneApp
        return lane

    def _add(self, table: CollectionT, tp: TP, offsets: "Counter[TP]") -> None:
        # stock keeps an offset of its own beside the store's, stale after two quick rebalances
        self.tp_to_table[tp] = table
        offsets[tp] = table.persisted_offset(tp)  # type: ignore[assignment]  # None: from the beginning

    async def on_recovery_completed(self, generation_id: int = 0) -> None:
        """Tables are ready: tell the owner, then let records flow."""
        self._hold_flow()
        await self._wait(self._announce())
        await super().on_recovery_completed(generation_id)

    async def _resume_streams(self, generation_id: int = 0) -> None:
        # what Faust does in place of the above when there are no tables
        self._hold_flow()
        await self._wait(self._announce())
        await super()._resume_streams(generation_id)

    def _hold_flow(self) -> None:
        # stock resumes fetching before it seeks, and drops what came in between
        self.app.consumer.stop_flow()
        self.app.flow_control.suspend()

    async def _announce(self) -> None:
        lane = self._lane
        revocations = lane.revocations
        await lane.prepare()
        ends = {tp: self.active_highwaters[tp] + 1 for tp in self.active_tps}
        await lane.ownership.claim(ends, self.app.consumer_generation_id)
        tps = frozenset(tp for tp in self.app.consumer.assignment() if tp.topic in lane.sources)
        if tps:
            await self._check_marks(tps)
        if lane.revocations != revocations:
            raise RebalanceAgain  # Faust ends us only once partitions are assigned again
        await Hooks.call(lane.hooks.recovered, tps)
        spare_collector()

    async def _check_marks(self, tps: frozenset[TP]) -> None:
        """A mark that speaks of another log, or of another intention, would hide records."""
        consumer = cast(Any, self.app.consumer)
        committed = await consumer.committed(tps)
        marks = {TopicPartition(*tp): self._lane.mark(tp) for tp in tps}
        async with reader(self._lane.app, max_partition_fetch_bytes=_LOOK_BYTES) as aside:
            others = await contradicted(aside, marks)
        for tp, end in (await consumer.highwaters(*tps)).items():
            at = committed.get(tp) or OffsetAndMetadata(-1, "")
            metadata = COMMITTED_BY_LANE if self._lane.ownership.is_first(tp.partition) else at.metadata
            place = Place(marks[TopicPartition(*tp)].offset, at.offset, metadata, end, tp in others)
            problem = problem_of(place)
            if problem:
                raise LogReplaced(explain(tp.topic, tp.partition, place, problem))


class LaneTableManager(TableManager):
    """Makes our recovery, with a short queue: its items are whole polls."""

    @property
    def recovery(self) -> Recovery:
        """The recovery service."""
        if self._recovery is None:
            self._recovery = LaneRecovery(self.app, self, beacon=self.beacon, loop=self.loop)
        return self._recovery

    @property
    def changelog_queue(self) -> ThrowableQueue[Any]:
        """What was fetched of changelogs and not applied yet."""
        if self._changelog_queue is None:
            self._changelog_queue = self.app.FlowControlQueue(maxsize=_QUEUE, clear_on_resume=True)
        return self._changelog_queue
