"""The clock sleeps until something is due, sends it once, and waits until it was handled."""

import asyncio
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from faust.types import TP

from schemas.topics import TEXTS_DUE
from streams import clock
from streams.clock import LONGEST_NAP_S, TICKS_AT_ONCE, Clock
from tests.desk import Desk
from tests.makers import PHONE, a_booking, at, policy, ref

KEY = ref(PHONE)


class Table:
    """Rows of all partitions, as a lane's table gives them to the clock."""

    def __init__(self) -> None:
        self.rows: dict[int, dict[str, Any]] = {}

    def row_of(self, partition: int, key: str) -> Any:
        return self.rows.get(partition, {}).get(key)

    def items_of(self, partition: int, _decode: Any) -> Any:
        return iter(self.rows.get(partition, {}).items())


class Worker:
    """An app that keeps what is sent; offsets count up, and an answer names the first of its batch."""

    def __init__(self) -> None:
        self.ready, self.sent = True, list[tuple[str, int]]()
        self.tables = {"bookings": Table(), "opt_outs": Table()}
        self.barrier = SimpleNamespace(is_open=True)
        self.now = at("12:00")
        self.clock = Clock(
            self,  # type: ignore[arg-type]
            policy(partitions=4),
            self.barrier,  # type: ignore[arg-type]
            now=lambda: self.now,
            retry_s=5,
            retry_max_s=60,
        )

    async def delayed(self) -> None:
        """What happens before the broker's answer."""

    def outbox(self) -> Any:
        mine: list[tuple[str, int]] = []

        async def dispatch() -> list[Any]:
            futures = []
            for topic, partition in sorted(set(mine)):
                future = asyncio.get_running_loop().create_future()
                future.set_result(SimpleNamespace(topic=topic, partition=partition, offset=len(self.sent)))
                self.sent += [(topic, partition)] * mine.count((topic, partition))
                futures.append(future)
            await self.delayed()
            return futures

        return SimpleNamespace(
            add=lambda topic, *, key, value, partition: mine.append((topic, partition)), dispatch=dispatch
        )

    async def hold(self, partition: int, *keys: str) -> datetime:
        """Take a partition over with a row of each key; when the first of its texts is due."""
        desk = Desk()
        desk.put(a_booking())
        row = desk.tables.bookings[KEY]
        self.tables["bookings"].rows[partition] = dict.fromkeys(keys, row)
        await self.clock.rebuild(self.tables, {*self.tables["bookings"].rows})  # type: ignore[arg-type]
        return min(text.due_at for event in row.events.values() for text in event.texts.values())

    def handled(self, partition: int) -> None:
        batch: Any = SimpleNamespace(
            tp=TP(TEXTS_DUE.name, partition), end=len(self.sent), table=None, changes={}
        )
        self.clock.batch_done(batch)


async def test_it_sleeps_until_the_next_text_is_due_and_no_longer() -> None:
    worker = Worker()
    due = await worker.hold(2, KEY)
    worker.now = due - timedelta(seconds=3)
    assert worker.clock._nap_s() == 3
    worker.now = due - timedelta(hours=1)
    assert worker.clock._nap_s() == LONGEST_NAP_S
    assert await worker.clock._tick() == 0
    worker.now = due
    assert await worker.clock._tick() == 1
    assert worker.sent == [(TEXTS_DUE.name, 2)]


async def test_what_was_ticked_must_be_handled_before_more_is() -> None:
    worker = Worker()
    worker.now = await worker.hold(1, *(f"{n:032x}" for n in range(TICKS_AT_ONCE + 7)))
    assert await worker.clock._tick() == TICKS_AT_ONCE
    assert await worker.clock._tick() == 0
    assert worker.clock._nap_s() == LONGEST_NAP_S, "it does not look again and again meanwhile"
    worker.handled(1)
    assert await worker.clock._tick() == 7


async def test_an_answer_from_before_the_partitions_came_back_holds_back_nothing() -> None:
    worker = Worker()
    worker.now = await worker.hold(1, KEY)

    async def taken_over_again() -> None:
        worker.handled(1)
        await worker.hold(1, *(f"{n:032x}" for n in range(TICKS_AT_ONCE)))

    worker.delayed = taken_over_again  # type: ignore[method-assign]
    assert await worker.clock._tick() == 1
    assert worker.clock._room(1) == TICKS_AT_ONCE


async def test_a_few_ticks_on_their_way_hold_back_no_others() -> None:
    worker = Worker()
    first = await worker.hold(1, KEY)
    worker.now = first
    assert await worker.clock._tick() == 1
    worker.clock._ticks[1].changed("bookings", "0" * 32, worker.tables["bookings"].row_of(1, KEY))
    worker.tables["bookings"].rows[1]["0" * 32] = worker.tables["bookings"].row_of(1, KEY)
    assert await worker.clock._tick() == 1
    assert len(worker.sent) == 2


async def test_what_comes_due_right_after_a_round_shares_the_next_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(clock, "GATHER_S", 0.5)
    worker, rounds = Worker(), asyncio.Queue[int]()

    async def noted() -> None:
        rounds.put_nowait(len(worker.sent))

    worker.delayed = noted  # type: ignore[method-assign]
    worker.now = await worker.hold(1, KEY)
    row = worker.tables["bookings"].row_of(1, KEY)
    running = asyncio.create_task(worker.clock.run())
    assert await rounds.get() == 1
    for key in ("0" * 32, "1" * 32):
        worker.tables["bookings"].rows[1][key] = row
        worker.clock._ticks[1].changed("bookings", key, row)
        worker.clock.wake()
        for _ in range(20):
            await asyncio.sleep(0)
    while (reached := await rounds.get()) == 1:
        continue
    running.cancel()
    assert reached == 3


async def test_a_change_or_an_open_barrier_wakes_it() -> None:
    worker = Worker()
    worker.barrier.is_open = False
    await worker.hold(0, KEY)
    running = asyncio.create_task(worker.clock.run())
    await asyncio.sleep(0.01)
    worker.now = at("23:00")
    worker.barrier.is_open = True
    worker.clock.wake()
    for _ in range(100):
        await asyncio.sleep(0)
    assert worker.sent
    running.cancel()


async def test_partitions_that_left_are_not_ticked() -> None:
    worker = Worker()
    worker.now = await worker.hold(3, KEY)
    worker.clock.forget()
    assert await worker.clock._tick() == 0
    assert worker.clock.pending() == 0
    assert worker.clock.overdue_s() == 0


class Slow(Table):
    """Rows that are still being read when a gate is shut."""

    def __init__(self, gate: list[bool]) -> None:
        super().__init__()
        self.gate = gate

    def items_of(self, partition: int, _decode: Any) -> Any:
        for key, row in self.rows.get(partition, {}).items():
            yield key, row
            while partition == 2 and self.gate:
                yield key, row


async def test_a_partition_is_ticked_once_its_own_rows_are_read() -> None:
    worker, gate = Worker(), [True]
    due = await worker.hold(1, KEY)
    slow = Slow(gate)
    slow.rows = {1: worker.tables["bookings"].rows[1], 2: worker.tables["bookings"].rows[1]}
    worker.tables["bookings"] = slow
    reading = asyncio.create_task(worker.clock.rebuild(worker.tables, {1, 2}))  # type: ignore[arg-type]
    await asyncio.sleep(0.02)
    worker.now = due
    assert await worker.clock._tick() == 1
    assert worker.sent == [(TEXTS_DUE.name, 1)]
    gate.clear()
    await reading
    assert await worker.clock._tick() >= 1
    assert worker.sent[-1] == (TEXTS_DUE.name, 2)
