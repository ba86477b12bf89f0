"""The worker as the world has it: the real FLOWS, one step at a time, which may break off anywhere.

A step is what the batch lane makes of it: outputs, changelog with its mark, store, offsets. A crash replays
from the committed offsets, but for what the marks say is in the tables already.
"""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any, Literal, Protocol

from agents.moment import Moment
from agents.tables import Tables
from rules.policy import Policy
from runtime.routing import route
from schemas.base import Message
from schemas.topics import TABLES, TEXTS_DUE
from streams.due_index import DueIndex
from streams.flows import handle
from streams.ticks import TIMES_OF, Ticks
from streams.topology import FLOWS, STAGES, Flow
from tests.simulation.broker import Broker, Entry, Place
from tests.simulation.shards import DECODERS, Rows

Crash = Literal["before_outputs", "amid_outputs", "after_outputs", "after_changelog", "after_done"]
CRASHES: tuple[Crash, ...] = (
    "before_outputs",
    "amid_outputs",
    "amid_outputs",
    "amid_outputs",
    "after_outputs",
    "after_changelog",
    "after_done",
)
RETRY = timedelta(seconds=5), timedelta(seconds=60)


class Watcher(Protocol):
    """Who looks on: is told of each output when it is written, of each step when it is done."""

    def restarted(self) -> None:
        """The worker came up."""

    def written(self, flow: Flow, partition: int, message: Message) -> None:
        """An output is in its log."""

    def done(self, flow: Flow, partition: int, entries: list[Entry], outputs: list[Message]) -> None:
        """A step is over; it will not be replayed, but for steps that wrote no table."""


class Worker:
    """``restart`` is a crash, a rebalance or the end of an outage: all that is not durable is lost."""

    def __init__(
        self,
        broker: Broker,
        policy: Policy,
        random: Random,
        now: Callable[[], datetime],
        watcher: Watcher,
        *,
        barrier: bool = True,
    ) -> None:
        self._broker, self._policy, self._random, self._now = broker, policy, random, now
        self._watcher, self._with_barrier = watcher, barrier
        self.tables = [Tables(**{name: Rows() for name in TABLES}) for _ in range(policy.partitions)]
        self._lanes = [(flow, place) for flow in FLOWS for place in broker.places(flow.topic.name)]
        self.positions: defaultdict[Place, int] = defaultdict(int)
        self._committed: defaultdict[Place, int] = defaultdict(int)
        self._marks: dict[Place, int] = {}
        self._ticked_to: dict[int, int] = {}
        self.crashes = 0
        self.restart()

    def shard(self, partition: int, table: str) -> Rows:
        """A table's rows of one partition."""
        shard: Rows = getattr(self.tables[partition], table)
        return shard

    # --- steps

    def pending(self) -> list[tuple[Flow, Place]]:
        """Where there is something to read."""
        logs, positions = self._broker.logs, self.positions
        return [lane for lane in self._lanes if positions[lane[1]] < len(logs.get(lane[1], ()))]

    def step(self, flow: Flow, place: Place, crash: Crash | None = None) -> None:
        """Take some records of one partition through their flow."""
        start, partition = self.positions[place], place[1]
        entries = self._broker.logs[place][start : start + self._random.randint(1, 6)]
        tables = self.tables[partition] if flow.topic.partitioned else Tables()
        now = self._now()
        moment = Moment(now=now, partition=partition, policy=self._policy, inputs_caught_up=self.caught_up)
        outputs = [message for entry in entries for message in handle(flow, entry, tables, moment)]
        if crash == "before_outputs":
            return self.restart()
        written = self._random.randint(0, len(outputs)) if crash == "amid_outputs" else len(outputs)
        for message in self._in_some_order(outputs)[:written]:
            self._broker.publish(message, now)
            self._watcher.written(flow, partition, message)
        if crash in ("amid_outputs", "after_outputs"):
            return self.restart()
        changed = self._keep(flow, place, start + len(entries), crash)
        self._watcher.done(flow, partition, entries, outputs)
        if crash is not None:
            return self.restart()
        self._follow(place, changed)
        return None

    def _in_some_order(self, outputs: list[Message]) -> list[Message]:
        """Each partition gets its outputs in order; between partitions there is none."""
        lanes: dict[Place, list[Message]] = {}
        for message in outputs:
            record = route(message, self._policy.partitions)
            lanes.setdefault((record.topic, record.partition or 0), []).append(message)
        if len(lanes) < 2:
            return outputs
        order = [place for place, lane in lanes.items() for _ in lane]
        self._random.shuffle(order)
        waiting = {place: iter(lane) for place, lane in lanes.items()}
        return [next(waiting[place]) for place in order]

    def _keep(self, flow: Flow, place: Place, end: int, crash: Crash | None) -> dict[str, list[str]]:
        """Changelog and mark in one, then store, then (sometimes) the offset."""
        changed: dict[str, list[str]] = {}
        if flow.topic.partitioned:
            shards = {name: self.shard(place[1], name) for name in TABLES}
            changed = {name: list(shard.before) for name, shard in shards.items() if shard.before}
            assert set(changed) <= {flow.writes}, f"{flow.name} wrote {sorted(changed)}"
            for name in changed:
                shards[name].keep()
        if changed:
            self._marks[place] = end
        self.positions[place] = end
        if crash != "after_changelog" and self._random.random() < 0.7:
            self._committed[place] = end
        return changed

    def _follow(self, place: Place, changed: dict[str, list[str]]) -> None:
        self._look_at_inputs()
        for table, keys in changed.items():
            for key in keys:
                self._index(place[1], table, key)

    # --- restarts and the barrier

    def restart(self) -> None:
        """Come up again from what is durable."""
        self.crashes += 1
        self._watcher.restarted()
        for partition in range(self._policy.partitions):
            for table in TABLES:
                self.shard(partition, table).before.clear()
                self.shard(partition, table).recover(DECODERS[table].decode)
        for _, place in self._lanes:
            self.positions[place] = max(self._committed[place], self._marks.get(place, 0))
        self._stage = 0
        self._ends: dict[Place, int] | None = None
        self.caught_up = not self._with_barrier
        self._ticked_to = {}
        self._indexes = [self._ticks(partition) for partition in range(self._policy.partitions)]
        for partition, ticks in enumerate(self._indexes):
            for table in TIMES_OF:
                for key, row in self.shard(partition, table).items():
                    ticks.load(table, key, row)
        self._look_at_inputs()

    def commit(self) -> None:
        """Commit all that is done."""
        self._committed.update(self.positions)

    def replay(self, topic: str) -> None:
        """Somebody sets a topic's offsets to its start, and drops the marks."""
        for place in self._broker.places(topic):
            self.positions[place] = self._committed[place] = 0
            self._marks.pop(place, None)

    def _look_at_inputs(self) -> None:
        while not self.caught_up:
            if self._ends is None:
                places = [place for topic in STAGES[self._stage] for place in self._broker.places(topic.name)]
                self._ends = {place: len(self._broker.logs[place]) for place in places}
            if any(self.positions[place] < end for place, end in self._ends.items()):
                return
            self._stage, self._ends = self._stage + 1, None
            self.caught_up = self._stage == len(STAGES)

    # --- the clock

    def _index(self, partition: int, table: str, key: str) -> None:
        self._indexes[partition].changed(table, key, self.shard(partition, table).get(key))

    def _ticks(self, partition: int) -> Ticks:
        def read(table: str, key: str) -> Any:
            return self.shard(partition, table).get(key)

        return Ticks(DueIndex(*RETRY), read, self._policy)

    def tick(self) -> int:
        """Publish what is due, unless the ticks before are not all handled."""
        if not self.caught_up:
            return 0
        ticks = 0
        for partition, index in enumerate(self._indexes):
            if self._ticked_to.get(partition, -1) >= self.positions[TEXTS_DUE.name, partition]:
                continue
            for message in index.take(self._now(), 500):
                entry = self._broker.publish(message, self._now())
                if entry.topic == TEXTS_DUE.name:
                    self._ticked_to[partition] = entry.offset
                ticks += 1
        return ticks

    def next_tick_at(self) -> datetime | None:
        """When something is due next."""
        due = [at for index in self._indexes if (at := index.next_at()) is not None]
        return min(due, default=None)
