"""Brokers restart, leaders are killed, workers come and go: nothing is lost, and the table is the fold.

``REMINDERS_OUTAGES`` says how often a broker goes, ``REMINDERS_REBALANCES`` how often a worker does.
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from devstack import Stack
from tests.streams.lane.lab import Lab, numbered

pytestmark = [pytest.mark.servers, pytest.mark.timeout(900)]
OUTAGES = int(os.environ.get("REMINDERS_OUTAGES", "1"))
REBALANCES = int(os.environ.get("REMINDERS_REBALANCES", "4"))
RATE = 400


@pytest.fixture
def stack(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Stack]:
    """Brokers of this test alone, as they are going to be hurt."""
    stack = Stack(tmp_path / "servers", brokers=request.param, valkey=False, environ={})
    try:
        yield stack
    finally:
        stack.stop(wipe=True)


async def lab_on(stack: Stack, folder: Path, copies: int) -> Lab:
    addresses = await asyncio.to_thread(stack.start)
    lab = Lab(addresses.kafka, folder)
    await lab.create_topics(copies=copies)
    return lab


async def loaded(lab: Lab, stop: asyncio.Event) -> None:
    """Records at a steady rate until told to stop."""
    while not stop.is_set():
        await lab.publish(numbered(RATE * 2, first=len(lab.inputs)), rate=RATE)


async def check(lab: Lab) -> None:
    await lab.caught_up(timeout_s=120)
    assert set(await lab.outputs()) == set(lab.expected_outputs())
    assert await lab.table() == lab.expected_table()


@pytest.mark.parametrize("stack", [1], indirect=True)
async def test_a_broker_that_restarts_loses_nothing(stack: Stack, tmp_path: Path) -> None:
    lab, stop = await lab_on(stack, tmp_path, 1), asyncio.Event()
    async with lab.kept_running("a"), lab.kept_running("b", LANE_STORE="rocksdb://"):
        load = asyncio.create_task(loaded(lab, stop))
        await lab.caught_up_once()
        for _ in range(OUTAGES):
            await asyncio.to_thread(stack.stop_broker, 1)
            await asyncio.to_thread(stack.start_broker, 1)
            await asyncio.sleep(4)
        stop.set()
        await load
        await check(lab)


@pytest.mark.parametrize("stack", [3], indirect=True)
async def test_a_leader_that_is_killed_loses_nothing(stack: Stack, tmp_path: Path) -> None:
    lab, stop = await lab_on(stack, tmp_path, 3), asyncio.Event()
    async with lab.kept_running("a"), lab.kept_running("b", LANE_STORE="rocksdb://"):
        load = asyncio.create_task(loaded(lab, stop))
        await lab.caught_up_once()
        for n in range(OUTAGES):
            leader = await leader_of(lab, lab.changelog, n % 4)
            await asyncio.to_thread(stack.kill_broker, leader)
            await asyncio.sleep(8)
            await asyncio.to_thread(stack.start_broker, leader)
            await asyncio.sleep(4)
        stop.set()
        await load
        await check(lab)


async def leader_of(lab: Lab, topic: str, partition: int) -> int:
    """The broker that leads a partition, once there is one."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        async with lab.admin() as admin:
            [described] = await admin.describe_topics([topic])
        leaders = {one["partition"]: one["leader"] for one in described["partitions"]}
        if leaders[partition] > 0:
            return int(leaders[partition])
        await asyncio.sleep(0.2)
    raise AssertionError("no leader")


@pytest.fixture
async def crowded(kafka: str, tmp_path: Path) -> AsyncIterator[Lab]:
    lab = Lab(kafka, tmp_path)
    await lab.create_topics()
    yield lab
    lab.end()


async def test_workers_that_come_and_go_without_rest_lose_nothing(crowded: Lab) -> None:
    lab, stop = crowded, asyncio.Event()
    lab.start("stays")
    load = asyncio.create_task(loaded(lab, stop))
    await lab.caught_up_once()
    for n in range(REBALANCES):
        passer_by = lab.start(f"passes-{n % 3}", LANE_STORE=("rocksdb://", "memory://")[n % 2])
        await asyncio.sleep(2.5 if n % 2 else 1.2)
        if n % 3 == 2:
            passer_by.kill()
        else:
            assert await lab.stop(passer_by) in (0, 1, -15)  # told to end while it was starting
    stop.set()
    await load
    await check(lab)
