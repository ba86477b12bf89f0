"""What Faust wants of a table: changelog topic, store, recovery."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NoReturn, cast

from aiokafka import ConsumerRecord
from faust.tables.base import Collection
from faust.types import EventT
from faust.types.topics import TopicT

from streams.lane.delivery import Delivered, DeliverySchema
from streams.lane.epochs import FENCE_KEY, Reading, fenced_epoch
from streams.lane.rocks import RocksStore
from streams.lane.stores import LaneStore, MemoryStore

if TYPE_CHECKING:
    from yarl import URL

    from streams.lane.app import LaneApp

_RECOVERY_BUFFER = 2  # deliveries; Faust gives 1 a meaning of its own


def changelog_topic_name(app_id: str, table: str) -> str:
    """The topic that keeps ``table`` of the app: compacted, with as many partitions as its sources."""
    return f"{app_id}-{table}-changelog"


class LaneCollection(Collection):
    """A table as Faust's table manager and recovery see it."""

    def __init__(self, app: "LaneApp", *, name: str, help: str, options: dict[str, int]) -> None:  # noqa: A002
        self.lane_app = app
        super().__init__(
            app,
            name=name,
            help=help,
            options=options,
            schema=DeliverySchema(),
            recovery_buffer_size=_RECOVERY_BUFFER,
        )
        self._readings: dict[int, Reading] = {}

    @property
    def store(self) -> LaneStore:
        """The local store."""
        return cast(LaneStore, self.data)

    def check_partitions(self, source: str) -> None:
        """Raise Faust's ``PartitionsMismatch`` if ``source`` is not partitioned like the changelog."""
        self._verify_source_topic_partitions(source)

    def apply_changelog_batch(self, batch: Iterable[EventT[Any]]) -> None:
        """Bring the store up to what recovery read from the changelog."""
        for event in batch:
            delivered = cast(Delivered, event.message.value)
            tp = delivered.tp
            if tp.topic == self.changelog_topic_name and self.store.holds(tp.partition):
                try:
                    self.apply(tp.partition, delivered.records)
                except Exception as error:
                    # Faust would log it and go on without these rows
                    self.lane_app.lane.poison(error)
                    raise

    def apply(self, partition: int, records: "list[ConsumerRecord[bytes, bytes]]") -> None:
        """Bring the store up to ``records``, the next of the partition's changelog."""
        if not records:
            return
        reading = self.reading(partition)
        rows = reading.take(records)
        # until the owner has mended what does not count, a restart must meet it again
        self.store.write(partition, rows, None if reading.ignored else records[-1].offset)

    def reading(self, partition: int) -> Reading:
        """What reading the partition's changelog has shown so far."""
        if partition not in self._readings:
            self._readings[partition] = Reading(fenced_epoch(self.store.read(partition, FENCE_KEY)))
        return self._readings[partition]

    def forget_readings(self) -> None:
        """Every partition was revoked: what follows is read anew."""
        self._readings.clear()

    def _new_store_by_url(self, url: "str | URL") -> LaneStore:
        kind = RocksStore if str(url).startswith("rocksdb:") else MemoryStore
        return kind(url, self.app, self, table_name=self.name, loop=self.loop, options=self.options)

    def _new_changelog_topic(self, **_kwargs: Any) -> TopicT:
        # not internal: topics are created by a command, Faust never declares any
        return self.app.topic(self._changelog_topic_name(), schema=self.schema, acks=False, internal=False)

    def _changelog_topic_name(self) -> str:
        return changelog_topic_name(self.app.conf.id, self.name)

    async def on_start(self) -> None:
        """Start the store; the changelog exists already."""
        await self.add_runtime_dependency(self.store)

    def _refuse(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise NotImplementedError("windows lose data on a rebalance: not offered")

    _has_key = _get_key = _set_key = _del_key = _refuse
    using_window = hopping = tumbling = as_ansitable = _refuse
