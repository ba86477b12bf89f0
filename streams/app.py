"""The worker: the topology on the batch lane, with its clock and barrier."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from faust.types import TP

from agents.moment import Moment
from agents.tables import Tables
from runtime.config import Config
from runtime.observing import observed
from runtime.progress import GroupProgress
from runtime.watch import KafkaWatch, watching
from schemas import rows
from schemas.base import encode
from schemas.topics import TABLES, TEXTS_DUE, TOPICS
from streams.barrier import Barrier
from streams.clock import Clock, partitions_of
from streams.flows import run
from streams.lane import Batches, LaneApp, LaneSettings, LaneTable
from streams.metrics import BARRIER_OPEN, DUE_NOW, LAG, OVERDUE, TICKS
from streams.topology import FLOWS, STAGES, Flow

ROW_TYPES: dict[str, type[Any]] = {
    "event_phones": rows.EventPhones,
    "bookings": rows.PhoneRow,
    "consents": rows.PhoneConsents,
    "opt_outs": rows.PhoneStops,
    "switches": rows.Switch,
    "ledger": rows.LedgerHead,
}


def utc_now() -> datetime:
    """The time of this machine."""
    return datetime.now(UTC)


def build(config: Config, *, now: Callable[[], datetime] = utc_now, barrier: bool = True) -> LaneApp:
    """The Faust app of the worker. ``barrier=False`` is for the test that shows what it prevents."""
    (Path(config.data_dir) / "worker").mkdir(parents=True, exist_ok=True)
    settings = LaneSettings(
        broker="kafka://" + config.kafka_bootstrap_servers.replace(",", ";"),
        store="memory://" if config.store == "memory" else "rocksdb://",
        datadir=Path(config.data_dir) / "worker",
        partitions=config.partitions,
        session_timeout_s=config.session_timeout_s,
        heartbeat_s=min(3.0, config.session_timeout_s / 3),
        commit_interval_s=config.commit_interval_s,
    )
    app = LaneApp(config.app_id, settings)
    lane_tables = {name: _table(app, name) for name in TABLES}
    tables = Tables(**lane_tables)
    for topic in TOPICS:
        app.output(topic.name)
    world = _World(app, config, now, barrier=barrier)
    for flow in FLOWS:
        _attach(app, flow, tables, world)
    world.follow(lane_tables)
    return app


def _table(app: LaneApp, name: str) -> LaneTable[Any]:
    return app.table(name, encode=encode, decode=msgspec.json.Decoder(ROW_TYPES[name]).decode)


def _attach(app: LaneApp, flow: Flow, tables: Tables, world: "_World") -> None:
    async def body(batches: Batches) -> None:
        await run(flow, batches, tables, world.moment)

    body.__doc__ = flow.agent.__doc__
    source = app.batch_topic(
        flow.topic.name, holes=not flow.topic.partitioned or flow.topic.cleanup == "compact"
    )
    app.batch_agent(source, name=flow.name)(body)


class _World:
    """What surrounds the agents of one worker: time, barrier, clock."""

    def __init__(self, app: LaneApp, config: Config, now: Callable[[], datetime], *, barrier: bool) -> None:
        self._app, self._now, self._policy = app, now, config.policy()
        self._config = config
        self._progress, self._watch = GroupProgress(config), KafkaWatch()
        self._loading: asyncio.Task[None] | None = None
        stages = tuple(tuple(topic.name for topic in stage) for stage in STAGES) if barrier else ()
        self.barrier = Barrier(
            self._progress, stages, alert_s=config.barrier_alert_s, on_error=self._give_up, on_open=self._open
        )
        self.clock = Clock(
            app,
            self._policy,
            self.barrier,
            now=now,
            retry_s=config.tick_retry_s,
            retry_max_s=config.tick_retry_max_s,
        )

    def moment(self, partition: int) -> Moment:
        """Now, in this partition."""
        return Moment(
            now=self._now(),
            partition=partition,
            policy=self._policy,
            inputs_caught_up=self.barrier.is_open,
        )

    def follow(self, tables: dict[str, LaneTable[Any]]) -> None:
        """Keep barrier and clock in step with assignments and batches."""
        app = self._app

        @app.on_revoked
        def left(tps: frozenset[TP]) -> None:
            self.barrier.close()
            self.clock.forget()
            self._load(None)

        @app.on_recovered
        async def recovered(tps: frozenset[TP]) -> None:
            self._load(self.clock.rebuild(tables, partitions_of(tps, TEXTS_DUE.name)))
            self.barrier.watch()

        app.on_batch_done(self.clock.batch_done)
        app.task(self._tick)

    def _load(self, rebuild: Coroutine[Any, Any, None] | None) -> None:
        """Read the rows anew beside everything else, or no more."""
        if self._loading is not None:
            self._loading.cancel()
        if rebuild is not None:
            self._loading = asyncio.create_task(rebuild, name="due-index")
            self._loading.add_done_callback(self._loaded)

    def _loaded(self, task: "asyncio.Task[None]") -> None:
        """A clock that could not read its rows would be silent for ever."""
        error = None if task.cancelled() else task.exception()
        if error is not None and not self._app.should_stop:
            self._give_up(error)

    def ready(self) -> dict[str, bool]:
        """Recovering is not ready: tables first, then what was published while nobody listened."""
        return {
            "kafka": self._watch.answers,
            "tables": self._app.ready,
            "inputs_read": self.barrier.is_open,
        }

    async def _tick(self) -> None:
        config = self._config
        TICKS.set_function(self.clock.pending)
        DUE_NOW.set_function(self.clock.due_now)
        OVERDUE.set_function(self.clock.overdue_s)
        LAG.set_function(self._app.behind)
        BARRIER_OPEN.set_function(lambda: self.barrier.is_open)
        try:
            async with watching(config) as self._watch:
                with observed(config.metrics_host, config.worker_metrics_port, self.ready):
                    await self.clock.run()
        finally:
            await self._progress.close()

    def _open(self) -> None:
        self.clock.wake()

    def _give_up(self, error: BaseException) -> None:
        self._crash = asyncio.ensure_future(self._app.crash(error))
