"""The consumer: polls become deliveries, the lane's progress decides what is committed."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from aiokafka.errors import IllegalStateError
from aiokafka.structs import OffsetAndMetadata
from faust.exceptions import ConsumerNotStarted
from faust.transport.drivers import aiokafka as driver
from faust.transport.utils import DefaultSchedulingStrategy
from faust.types import TP, ConsumerMessage
from faust.types.transports import TPorTopicSet

from streams.lane.delivery import Delivered, Fetched
from streams.lane.errors import Superseded
from streams.lane.hooks import Hooks
from streams.lane.lane import Lane
from streams.lane.transport import LaneProducer, LaneThread

_POLL_S = 0.2


class WholePolls(DefaultSchedulingStrategy):
    """Gives what was fetched of a partition at once, where stock Faust deals out single records."""

    def iterate(self, records: Mapping[TP, Any]) -> Iterator[tuple[TP, Any]]:
        """Each partition with all it got."""
        yield from records.items()


class LaneConsumer(driver.Consumer):
    """Faust's own acknowledgements are not used: offsets follow ``lane.progress``."""

    @property
    def lane(self) -> Lane:
        """The lane of the app."""
        lane: Lane = cast(Any, self.app).lane
        return lane

    def _new_consumer_thread(self) -> LaneThread:
        return LaneThread(self, loop=self.loop, beacon=self.beacon)

    async def _getmany(self, active_partitions: set[TP] | None, timeout: float) -> Any:  # noqa: ASYNC109
        # after a recovery the reader must not sit in its last poll of the changelogs for a second
        return await super()._getmany(active_partitions, min(timeout, _POLL_S))

    def _to_message(self, tp: TP, record: Fetched) -> ConsumerMessage:
        delivered = self._deliver(tp, record)
        time_s = record.records[-1].timestamp / 1000 if record.records else 0.0
        return ConsumerMessage(
            topic=tp.topic,
            partition=tp.partition,
            offset=record.end - 1,
            timestamp=time_s,
            timestamp_type=0,
            headers=None,
            key=None,
            value=cast(Any, delivered),
            checksum=None,
            serialized_value_size=0,
            tp=tp,
            generation_id=delivered.generation,
        )

    def _deliver(self, tp: TP, fetched: Fetched) -> Delivered:
        generation = self.app.consumer_generation_id
        if tp.topic not in self.lane.sources:
            return Delivered(tp, fetched.records, 0, fetched.end, generation)
        try:
            return self.lane.progress.fetch(tp, fetched, generation)
        except Exception as error:
            self.lane.poison(error)
            raise

    def on_buffer_full(self, tp: TP) -> None:
        """Let the full queue itself hold the reader; stock would stop fetching and sleep a second."""

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Say nothing: the stock check goes by acknowledgements, which the lane does not use."""

    def _filter_tps_with_pending_acks(self, topics: TPorTopicSet | None = None) -> Iterator[TP]:
        tps = list(self.lane.progress.done)
        return (tp for tp in tps if topics is None or tp in topics or tp.topic in topics)

    def _new_offset(self, tp: TP) -> int | None:
        return self.lane.progress.done.get(tp)

    async def force_commit(
        self, topics: TPorTopicSet | None = None, start_new_transaction: bool = True
    ) -> bool:
        """Commit what is done, unless something failed."""
        if self.lane.failed is not None:
            return False
        committed: bool = await super().force_commit(topics, start_new_transaction)
        return committed

    def behind(self) -> int:
        """How many records of its sources are not done, as far as the brokers have told."""
        return sum(max(self._end_of(tp) - done, 0) for tp, done in list(self.lane.progress.done.items()))

    def _end_of(self, tp: TP) -> int:
        try:
            return self.highwater(tp) or 0
        except (IllegalStateError, ConsumerNotStarted):  # it left, or we have not joined yet
            return 0

    async def wait_empty(self) -> None:
        """Before partitions leave or the worker stops: finish what is under way and commit it."""
        await self.lane.drain()
        await self.maybe_wait_for_commit_to_finish()
        await self.commit()

    async def perform_seek(self) -> None:
        """Go on where the group is committed to."""
        await super().perform_seek()
        sources = self._sources(self.assignment())
        self.lane.progress.start({tp: self._read_offset[tp] or 0 for tp in sources})

    async def committed(self, tps: Iterable[TP]) -> Mapping[TP, OffsetAndMetadata]:
        """What the group has committed of these partitions, and what stands beside it."""
        return await cast(LaneThread, self._thread).committed(tps)

    async def is_member(self, generation: int) -> bool:
        """Ask the coordinator whether we are a member of this generation. Raises a ``KafkaError``."""
        return await cast(LaneThread, self._thread).is_member(generation)

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Finish, commit, forget, tell; end if the group went on without us."""
        if revoked and self.lane.knows_epochs and cast(LaneThread, self._thread).was_expelled:
            self.lane.poison(Superseded("this worker was taken for dead and has lost its partitions"))
        await super().on_partitions_revoked(revoked)
        tps = self._sources(revoked)
        self.lane.forget(tps)
        await self._tell(self.lane.hooks.revoked, tps)

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Take over, then tell; tables are recovered after that."""
        await super().on_partitions_assigned(assigned, generation_id)
        await self._tell(self.lane.hooks.assigned, self._sources(assigned))

    async def _tell(self, hooks: Any, tps: frozenset[TP]) -> None:
        try:
            await Hooks.call(hooks, tps)
        except Exception as error:
            # aiokafka would only log it
            self.lane.poison(error)
            raise

    def _sources(self, tps: Iterable[TP]) -> frozenset[TP]:
        return frozenset(tp for tp in tps if tp.topic in self.lane.sources)


class LaneTransport(driver.Transport):
    """The driver with our parts."""

    Consumer = LaneConsumer
    Producer = LaneProducer
