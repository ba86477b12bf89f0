"""Which partitions are ours, and how they are read: deliveries in a group, the rest beside them by hand.

aiokafka's assignors would not put the partitions of several topics together, so only ``sms-deliveries`` is
subscribed. After an assignment, in this order: deliveries to the end noted then; the journal from before the
earliest text that has not ended; the other topics to their ends. Before that nothing is sent.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta

import structlog
from aiokafka import ConsumerRebalanceListener
from aiokafka.errors import KafkaError
from aiokafka.structs import TopicPartition

from runtime.config import Config
from runtime.failpoints import planted
from schemas.topics import DELIVERY_REPORTS, PHONE_STATES, SETTINGS_COPIES, SMS_DELIVERIES, SMS_JOURNAL
from sender.consumers import commit_to, consumers, places
from sender.kept import Kept
from sender.partition import Partition
from sender.pending import PartitionGone

log = structlog.get_logger()
STATES = (PHONE_STATES.name, SETTINGS_COPIES.name)
BESIDE = (SMS_JOURNAL.name, *STATES)
BEFORE_DUE = timedelta(hours=1)
"""The journal may speak of a text this long before it was first due, or released."""


class Partitions(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka ships no types
    """``held`` are the partitions that are ours now; they come and go with the group."""

    def __init__(self, config: Config, *, leaving: Callable[[], Awaitable[None]]) -> None:
        """``leaving``: called before partitions go, to finish what runs."""
        self._config, self._leaving = config, leaving
        self._loading: dict[int, asyncio.Task[None]] = {}
        self.generation = 0
        """Grows whenever partitions come or go."""
        self.failed: Exception | None = None
        """What ended a task of ours, for whoever reads to raise."""
        self.held: dict[int, Partition] = {}
        self.projected: dict[int, int] = {}
        """The journal offset from which ends have still to be told, by partition."""
        self.deliveries, self.beside, self.reports = consumers(config)

    async def start(self) -> None:
        """Connect and join the group."""
        for consumer in (self.beside, self.reports, self.deliveries):
            await consumer.start()
        self.deliveries.subscribe([SMS_DELIVERIES.name], listener=self)

    async def stop(self) -> None:
        """Leave the group and disconnect."""
        for consumer in (self.deliveries, self.beside, self.reports):
            await consumer.stop()
        for task in list(self._loading.values()):
            task.cancel()

    # --- coming and going

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Finish what runs, commit, and forget everything."""
        await self._leaving()
        await self.commit()
        self.generation += 1
        for partition in self.held.values():
            partition.close()
        self.held, self._loading = {}, {}
        self.beside.unsubscribe()
        self.reports.unsubscribe()

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Begin to read what there is."""
        numbers = sorted(tp.partition for tp in assigned)
        try:
            await self._take_over(numbers)
        except Exception as error:  # noqa: BLE001  # aiokafka would only log it, and nobody would send
            self.failed = error

    async def _take_over(self, numbers: list[int]) -> None:
        self.generation += 1
        if not numbers:
            return
        first = timedelta(seconds=self._config.retry_first_s)
        verified = self._config.reminder_policy == "verified"
        held = {n: Partition(n, retry_first=first, kept=Kept(verified)) for n in numbers}
        self.beside.assign(places(BESIDE, numbers))
        self.beside.pause(*places([SMS_JOURNAL.name], numbers))
        self.reports.assign(places([DELIVERY_REPORTS.name], numbers))
        for tp in places([SMS_JOURNAL.name], numbers):
            self.projected[tp.partition] = await self.beside.committed(tp) or 0
        await self.beside.seek_to_beginning(*places(STATES, numbers))
        noted = STATES if planted("no-barrier") else (SMS_DELIVERIES.name, *STATES)
        for tp, end in (await self.ends_of(numbers, *noted, DELIVERY_REPORTS.name)).items():
            held[tp.partition].note_end(tp.topic, end)
        self.held = held
        log.info("assigned", partitions=numbers)
        for partition in held.values():
            self.load(partition)

    async def ends_of(self, numbers: Iterable[int], *topics: str) -> dict[TopicPartition, int]:
        """The ends of topics in these partitions, now. Raises ``KafkaError``."""
        ends: dict[TopicPartition, int] = await self.beside.end_offsets(places(topics, numbers))
        return ends

    def hold_back(self, full: bool) -> None:
        """Read no more deliveries, or go on; what is behind its barrier is read in any case."""
        assigned, held = self.deliveries.assignment(), self.held
        ready = [tp for tp in assigned if tp.partition in held and held[tp.partition].is_read(tp.topic)]
        (self.deliveries.pause if full else self.deliveries.resume)(*ready)

    def behind(self) -> int:
        """How many records of ``sms-deliveries`` are not read, as far as the brokers have told."""
        held = list(self.held.items())
        return sum(max(self._end(n) - p.read_to.get(SMS_DELIVERIES.name, 0), 0) for n, p in held)

    def _end(self, number: int) -> int:
        tp = TopicPartition(SMS_DELIVERIES.name, number)
        return (self.deliveries.highwater(tp) or 0) if tp in self.deliveries.assignment() else 0

    # --- the journal's place

    def load(self, partition: Partition, *, whole: bool = False) -> None:
        """Fold the journal anew once deliveries are read, as far back as they ask, or the ``whole`` of it."""
        partition.whole |= whole
        if partition.seeking and partition.number in self._loading:
            return
        partition.seeking = True
        task = self._loading[partition.number] = asyncio.create_task(self._load(partition))
        task.add_done_callback(lambda done: self._loaded(partition.number, done))

    def _loaded(self, number: int, task: asyncio.Task[None]) -> None:
        if self._loading.get(number) is task:
            del self._loading[number]
        if not task.cancelled() and isinstance(error := task.exception(), Exception):
            self.failed = error

    async def _load(self, partition: Partition) -> None:
        while not partition.closed:
            try:
                await partition.until(lambda: partition.is_read(SMS_DELIVERIES.name))
                await self._seek(partition, self._floor(partition))
            except PartitionGone:
                return
            except (KafkaError, TimeoutError) as error:
                log.warning("load_put_off", partition=partition.number, error=type(error).__name__)
                await asyncio.sleep(self._config.reconnect_s)
                continue
            wanted = self._floor(partition)  # older texts may have come meanwhile
            if partition.floor is None or (wanted is not None and partition.floor <= wanted):
                partition.found()
                return

    def _floor(self, partition: Partition) -> datetime | None:
        """From here on the journal says all about what has not ended, and about late reports."""
        if partition.whole:
            return None
        oldest = datetime.now(UTC) - timedelta(seconds=self._config.journal_back_s)
        return min(oldest, partition.oldest or oldest) - BEFORE_DUE

    async def _seek(self, partition: Partition, floor: datetime | None) -> None:
        """Read the journal again: from its first record since ``floor``, from what has still to be told."""
        tp = TopicPartition(SMS_JOURNAL.name, partition.number)
        end = (await self.ends_of([partition.number], SMS_JOURNAL.name))[tp]
        begin = (await self.beside.beginning_offsets([tp]))[tp]
        if floor is not None:
            found = (await self.beside.offsets_for_times({tp: int(floor.timestamp() * 1000)}))[tp]
            begin = max(begin, min(found.offset if found else end, self.projected.get(tp.partition, 0)))
        if partition.closed:
            raise PartitionGone
        partition.forget_journal()
        partition.floor, partition.ends[tp.topic], partition.read_to[tp.topic] = floor, end, begin
        self.beside.seek(tp, begin)
        self.beside.resume(tp)
        log.info("journal", partition=partition.number, offset=begin, count=end - begin)

    def check_floor(self, partition: Partition, oldest: datetime) -> None:
        """A text older than what the journal was read for came in: read it from further back."""
        if not partition.seeking and partition.floor and oldest - BEFORE_DUE < partition.floor:
            self.load(partition)

    # --- committing

    async def commit(self) -> None:
        """Commit each partition up to its first delivery or withdrawal that has not ended."""
        offsets = {
            TopicPartition(SMS_DELIVERIES.name, n): partition.commit_to()
            for n, partition in self.held.items()
            if SMS_DELIVERIES.name in partition.read_to
        }
        await commit_to(self.deliveries, offsets)

    async def commit_projected(self, partition: int, offset: int) -> None:
        """All ends before ``offset`` of the journal were told."""
        offset = self.projected[partition] = max(offset, self.projected.get(partition, 0))
        await commit_to(self.beside, {TopicPartition(SMS_JOURNAL.name, partition): offset})
