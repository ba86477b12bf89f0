"""Faust's Kafka driver, made strict: idempotent producer, read committed, no record jumped over by a seek."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition, errors
from aiokafka.errors import CommitFailedError
from aiokafka.protocol.group import HeartbeatRequest
from aiokafka.structs import OffsetAndMetadata
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from streams.lane.delivery import Fetched
from streams.lane.errors import LogReplaced
from streams.lane.replaced import COMMITTED_BY_LANE, Place, explain

if TYPE_CHECKING:
    from streams.lane.app import LaneApp


class LaneProducer(driver.Producer):
    """Every record acknowledged by all in-sync replicas, none written twice by a retry."""

    @property
    def client(self) -> AIOKafkaProducer:
        """The started aiokafka producer. Raises Faust's ``NotReady`` before the start."""
        return self._ensure_producer()

    def _settings_extra(self) -> Mapping[str, Any]:
        return {"acks": "all", "enable_idempotence": True}


class LaneThread(driver.AIOKafkaConsumerThread):
    """The thread that fetches and heartbeats, so that a busy event loop loses no session."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._positions: dict[TP, int] = {}  # of sources whose log may have holes
        self._lane_app = cast("LaneApp", self.app)

    def _create_worker_consumer(self, transport: driver.Transport) -> AIOKafkaConsumer:
        conf = self.app.conf
        self._assignor = self.app.assignor
        return AIOKafkaConsumer(
            client_id=conf.broker_client_id,
            group_id=conf.id,
            group_instance_id=conf.consumer_group_instance_id,
            bootstrap_servers=driver.server_list(transport.url, transport.default_port),
            partition_assignment_strategy=[self._assignor],
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_poll_records=conf.broker_max_poll_records,
            max_poll_interval_ms=_ms(conf.broker_max_poll_interval),
            max_partition_fetch_bytes=conf.consumer_max_fetch_size,
            fetch_max_wait_ms=_ms(self._lane_app.settings.fetch_max_wait_s),
            request_timeout_ms=_ms(conf.broker_request_timeout),
            session_timeout_ms=_ms(conf.broker_session_timeout),
            rebalance_timeout_ms=_ms(conf.broker_rebalance_timeout),
            heartbeat_interval_ms=_ms(conf.broker_heartbeat_interval),
            isolation_level="read_committed",
            metadata_max_age_ms=conf.consumer_metadata_max_age_ms,
            connections_max_idle_ms=conf.consumer_connections_max_idle_ms,
            **driver.credentials_to_aiokafka_auth(conf.broker_credentials, conf.ssl_context),
        )

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Let the main loop finish with them, unless it is going down: then nobody would answer."""
        await self.wait(super().on_partitions_revoked(revoked))

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Let the main loop take them over, unless it is going down."""
        await self.wait(super().on_partitions_assigned(assigned, generation_id))

    @property
    def was_expelled(self) -> bool:
        """Whether the coordinator took us for dead."""
        generation: int = self._ensure_consumer()._coordinator.generation
        return generation < 0

    async def is_member(self, generation: int) -> bool:
        """Ask the coordinator whether we are a member of ``generation``. Raises a ``KafkaError``."""
        return bool(await self.call_thread(self._is_member, generation))

    async def _is_member(self, generation: int) -> bool:
        coordinator = self._ensure_consumer()._coordinator
        await coordinator.ensure_coordinator_known()
        if coordinator.generation != generation:
            return False
        request = HeartbeatRequest(coordinator.group_id, generation, coordinator.member_id)
        error = errors.for_code((await coordinator._send_req(request)).error_code)
        if error in (errors.NoError, errors.RebalanceInProgressError):
            return True
        if error in (errors.IllegalGenerationError, errors.UnknownMemberIdError):
            return False
        coordinator.coordinator_dead()
        raise error(coordinator.group_id)

    async def committed(self, tps: Iterable[TP]) -> Mapping[TP, OffsetAndMetadata]:
        """What the group has committed of these partitions, and what stands beside it."""
        found = await self.call_thread(
            self._ensure_consumer()._coordinator.fetch_committed_offsets, list(tps)
        )
        return {TP(*tp): at for tp, at in found.items()}

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        # stock writes nothing beside the offset; then one set by hand could not be told apart
        assignment = self.assignment()
        ours = {
            TopicPartition(*tp): OffsetAndMetadata(offset, COMMITTED_BY_LANE)
            for tp, offset in offsets.items()
            if tp in assignment
        }
        try:
            await self._ensure_consumer().commit(ours)
        except CommitFailedError as error:
            self.log.warning("offsets were not committed: %s", error)
            return False
        except Exception as error:
            self.log.exception("offsets could not be committed")
            await self.crash(error)
            return False
        return True

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Seek every source to where this group goes on; returns these positions."""
        positions: Mapping[TP, int] = await self.call_thread(self._seek_sources)
        return positions

    async def _seek_sources(self) -> dict[TP, int]:
        consumer = self._ensure_consumer()
        tps = [TP(*tp) for tp in consumer.assignment() if tp.topic in self._lane_app.lane.sources]
        if not tps:
            return {}
        committed = await consumer._coordinator.fetch_committed_offsets(tps)
        first = await consumer.beginning_offsets(tps)
        last = await consumer.end_offsets(tps)
        positions = {tp: self._position(tp, committed, first[tp], last[tp]) for tp in tps}
        for tp, position in positions.items():
            consumer.seek(tp, position)
        self._positions = dict(positions)
        return positions

    def _position(self, tp: TP, committed: Mapping[TP, Any], first: int, last: int) -> int:
        """The committed offset; the beginning of the log where there is none, or where it is gone."""
        offset = committed[tp].offset if tp in committed else -1
        if offset > last:
            place = Place(-1, offset, COMMITTED_BY_LANE, last)
            raise LogReplaced(explain(tp.topic, tp.partition, place, "replaced"))
        if 0 <= offset < first:
            self.log.error("%s: records %s to %s expired before they were read", tp, offset, first)
        return max(offset, first)

    async def _fetch_records(
        self,
        consumer: AIOKafkaConsumer,
        active_partitions: set[TP],
        timeout: float | None = None,  # noqa: ASYNC109  # Faust's signature
        max_records: int | None = None,
    ) -> Any:
        # Faust hands over a live set; emptied meanwhile, it would mean "every partition" to aiokafka
        active = set(active_partitions)
        if not active:
            return {}
        polled = await super()._fetch_records(consumer, active, timeout=timeout, max_records=max_records)
        fetched = {TP(*tp): Fetched(records, records[-1].offset + 1) for tp, records in polled.items()}
        self._pass_holes(consumer, active, fetched)
        return fetched

    def _pass_holes(self, consumer: AIOKafkaConsumer, active: set[TP], fetched: dict[TP, Fetched]) -> None:
        """Where a log may have holes, the fetcher's position is the end: after aborted records, markers."""
        sources, assignment = self._lane_app.lane.sources, consumer._subscription.subscription.assignment
        for tp in active:
            if not sources.get(tp.topic):
                continue
            state = assignment.state_value(tp)
            if state is None or not state.has_valid_position:
                continue
            records = fetched[tp].records if tp in fetched else []
            if records or state.position > self._positions.get(tp, state.position):
                fetched[tp] = Fetched(records, state.position)
            self._positions[tp] = state.position


def _ms(seconds: float) -> int:
    return int(seconds * 1000)
