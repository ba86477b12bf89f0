"""``LaneApp``: a Faust app whose agents get batches and whose tables are exact."""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from typing import Any, TypeVar, cast

import faust
from aiokafka.errors import KafkaError
from faust.types import AgentT, StreamT
from faust.types.topics import TopicT
from mode.supervisors import CrashingSupervisor

from streams.lane.consumer import LaneConsumer, LaneTransport, WholePolls
from streams.lane.delivery import Delivered, DeliverySchema
from streams.lane.errors import Poisoned
from streams.lane.hooks import BatchHook, PartitionsHook
from streams.lane.lane import Lane
from streams.lane.outbox import Headers, Outbox
from streams.lane.process import QuietWorker, WithoutWeb
from streams.lane.recovery import LaneTableManager
from streams.lane.settings import LaneSettings
from streams.lane.stream import Batches
from streams.lane.table import LaneTable
from streams.lane.watchdog import Watchdog

log = logging.getLogger(__name__)
T = TypeVar("T")
AgentBody = Callable[[Batches], Awaitable[None]]


class LaneApp(faust.App):
    """Declare topics, outputs, tables and agents at import; run with ``faust -A module worker``.

    All sources of an agent that writes a table have as many partitions as the table's changelog.
    """

    BootStrategy = WithoutWeb

    def __init__(self, app_id: str, settings: LaneSettings, *, env: Mapping[str, str] = os.environ) -> None:
        """``app_id``: of the consumer group, begins the changelogs' names; ``env``: may arm a failpoint."""
        self.settings = settings
        self.lane = Lane(self, settings, env)
        super().__init__(
            app_id,
            TableManager=LaneTableManager,
            ConsumerScheduler=WholePolls,
            Worker=QuietWorker,
            **settings.for_faust(),
        )
        self.transport = LaneTransport(self.conf.broker, self)
        self.task(self._look_after)

    # --- declarations

    def batch_topic(self, name: str, *, holes: bool = False) -> TopicT:
        """A source. ``holes``: its log may have some, being compacted or written by transactions."""
        topic = self.topic(name, schema=DeliverySchema(), acks=False)
        topic.maxsize = self.settings.deliveries
        self.lane.sources[name] = holes
        return topic

    def output(self, name: str) -> str:
        """Declare a topic that batches or ``send_now`` write to."""
        self.lane.outputs.setdefault(name, 0)
        return name

    def table(
        self,
        name: str,
        *,
        encode: Callable[[T], bytes],
        decode: Callable[[bytes], T],
        help: str = "",  # noqa: A002  # Faust's word, shown by its command line
        cache_bytes: int = 8 << 20,
        write_buffer_bytes: int = 4 << 20,
    ) -> LaneTable[T]:
        """A table, written by agents as long as each of them writes no other. Caches are RocksDB's."""
        options = {"cache_bytes": cache_bytes, "write_buffer_bytes": write_buffer_bytes}
        table = LaneTable(self, name=name, encode=encode, decode=decode, options=options, help=help)
        self.tables.add(table)
        self.lane.tables.append(table)
        return table

    def batch_agent(self, topic: TopicT, *, name: str) -> Callable[[AgentBody], AgentT[Any]]:
        """Make ``async def run(batches)`` the agent of ``topic``; ``faust agents`` shows its docstring."""

        def declare(body: AgentBody) -> AgentT[Any]:
            @wraps(body)
            async def run(stream: StreamT[Delivered]) -> None:
                await body(Batches(self.lane, aiter(stream)))

            return self.agent(topic, name=name, supervisor_strategy=CrashingSupervisor)(run)

        return declare

    # --- what the owner is told

    def on_assigned(self, hook: PartitionsHook) -> PartitionsHook:
        """Call with the source partitions this worker got; tables are not ready yet."""
        self.lane.hooks.assigned.append(hook)
        return hook

    def on_revoked(self, hook: PartitionsHook) -> PartitionsHook:
        """Call with the source partitions this worker lost; all they caused is committed."""
        self.lane.hooks.revoked.append(hook)
        return hook

    def on_recovered(self, hook: PartitionsHook) -> PartitionsHook:
        """Call with all source partitions of this worker when tables are ready, before any batch."""
        self.lane.hooks.recovered.append(hook)
        return hook

    def on_batch_done(self, hook: BatchHook) -> BatchHook:
        """Call with each batch that is in outputs, changelog and store: see its ``tp table changes``."""
        self.lane.hooks.done.append(hook)
        return hook

    @property
    def ready(self) -> bool:
        """Tables are recovered, partitions are held, nothing failed."""
        settled = self.tables.actives_ready and not self.rebalancing
        return settled and not self.should_stop and self.lane.failed is None

    def behind(self) -> int:
        """How many records of the partitions it holds are not handled yet."""
        return cast(LaneConsumer, self.consumer).behind()

    # --- sends of background tasks

    def outbox(self) -> Outbox:
        """For many records at once: ``add`` them, then ``await outbox.send()``. Raises ``Poisoned``."""
        if self.lane.failed is not None:
            raise Poisoned("the worker is going down")
        return self.lane.outbox()

    async def send_now(
        self, topic: str, key: bytes | None, value: bytes | None, partition: int | None = None,
        headers: Headers = (),
    ) -> None:  # fmt: skip
        """Send one record to a declared output; returns when it is acknowledged. Raises ``KafkaError``."""
        outbox = self.outbox()
        outbox.add(topic, key=key, value=value, partition=partition, headers=headers)
        await outbox.send()

    # --- for itself

    async def _look_after(self) -> None:
        """Watch over batches and changelogs as long as the worker runs."""
        loop = asyncio.get_running_loop()
        watchdog = Watchdog(
            self.lane.oldest_at,
            limit_s=self.settings.batch_timeout_s,
            give_up=lambda age_s: loop.call_soon_threadsafe(self.lane.give_up, age_s),
            has_failed=lambda: self.lane.failed is not None,
            grace_s=self.settings.end_within_s,
        )
        watchdog.start()
        try:
            while not self.should_stop:
                await self.sleep(self.settings.look_s)
                await self._look()
        finally:
            if self.lane.failed is None:
                watchdog.stop()

    async def _look(self) -> None:
        if not self.ready:
            return
        try:
            await self.lane.ownership.look()
        except KafkaError as error:
            log.warning("changelogs could not be looked at: %s", type(error).__name__)
        except Exception as error:
            if self.should_stop:  # the consumer is gone already
                return
            self.lane.poison(error)
            raise

    # --- for Faust

    def worker_init_post_autodiscover(self) -> None:
        """Skip building the web application that is never served."""
        self.on_worker_init.send()
