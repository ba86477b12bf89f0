"""Real Kafka, real processes, killed at the worst moments: every output there, the table as folded."""

import asyncio
from collections import Counter

import pytest

from streams.lane.failpoints import POINTS
from tests.streams.lane.lab import Lab, numbered

pytestmark = pytest.mark.servers
STORES = ["memory://", "rocksdb://"]


async def check(lab: Lab) -> Counter[bytes]:
    """Nothing lost, nothing made up, state exact; the outputs, so that repeats can be looked at."""
    outputs = Counter(await lab.outputs())
    assert set(outputs) == set(lab.expected_outputs())
    assert await lab.table() == lab.expected_table()
    return outputs


@pytest.mark.parametrize("store", STORES)
async def test_workers_are_killed_join_and_leave_under_load(lab: Lab, store: str) -> None:
    await lab.publish(numbered(2_000))  # before the group has any committed offset
    a = lab.start("a", LANE_STORE=store)
    load = asyncio.create_task(lab.publish(numbered(6_000, first=2_000), rate=800))
    await lab.caught_up_once()
    b = lab.start("b", LANE_STORE=store)
    await asyncio.sleep(1.5)
    a.kill()
    await asyncio.sleep(1)
    a = lab.start("a", LANE_STORE=store)  # with what its stores hold from before
    await asyncio.sleep(2)
    assert await lab.stop(b) == 0
    await load
    await lab.caught_up()
    assert await lab.stop(a) == 0
    await check(lab)


@pytest.mark.parametrize(
    ("point", "store"),
    [
        *((point, "memory://") for point in POINTS),
        ("after-changelog", "rocksdb://"),
        ("after-store", "rocksdb://"),
    ],
)
async def test_a_crash_between_two_sub_steps_is_replayed(lab: Lab, point: str, store: str) -> None:
    await lab.publish(numbered(3_000))
    worker = lab.start(LANE_STORE=store, LANE_POLL="100", REMINDERS_FAILPOINT=f"{point}:7")
    assert await lab.ended(worker) == 137
    lab.start(LANE_STORE=store)
    await lab.caught_up()
    await check(lab)


async def test_the_reversed_order_loses_what_the_right_one_keeps(lab: Lab) -> None:
    await lab.publish(numbered(3_000))
    wrong = {"REMINDERS_TESTING": "1", "REMINDERS_STEP_ORDER": "reversed"}
    worker = lab.start(LANE_POLL="100", REMINDERS_FAILPOINT="before-outputs:7", **wrong)
    assert await lab.ended(worker) == 137
    lab.start()
    await lab.caught_up()
    assert set(lab.expected_outputs()) - set(await lab.outputs()), "the crash tests would not notice a loss"


async def test_the_reversed_order_needs_a_test(lab: Lab) -> None:
    await lab.publish(numbered(500))
    worker = lab.start(
        LANE_POLL="100", REMINDERS_FAILPOINT="before-outputs:2", REMINDERS_STEP_ORDER="reversed"
    )
    assert await lab.ended(worker) == 137
    lab.start()
    await lab.caught_up()
    await check(lab)


async def test_stops_and_joins_repeat_nothing(lab: Lab) -> None:
    a = lab.start("a")
    load = asyncio.create_task(lab.publish(numbered(4_000), rate=1_000))
    await asyncio.sleep(2.5)
    b = lab.start("b")
    await asyncio.sleep(2)
    assert await lab.stop(a) == 0
    await load
    await lab.caught_up()
    assert await lab.stop(b) == 0
    outputs = await check(lab)
    assert max(outputs.values()) == 1


async def test_two_sources_of_one_table_have_their_own_marks(lab: Lab) -> None:
    # the same offsets on both topics: a mark taken for the other's would hide records
    await lab.publish(numbered(1_000))
    await lab.publish(numbered(1_000, first=1_000), "again")
    worker = lab.start(LANE_POLL="50", REMINDERS_FAILPOINT="after-store:11")
    assert await lab.ended(worker) == 137
    lab.start()
    await lab.caught_up("in", "again")
    table = await lab.table()
    assert table == lab.expected_table()
    told = {value.split()[0] for value in await lab.outputs()}
    assert told == {value for _, value in lab.inputs}


async def test_rows_larger_than_a_record_batch_go_in_several_batches(lab: Lab) -> None:
    await lab.publish(numbered(3_000, keys=700))
    small = {"LANE_BATCH_BYTES": "4000"}
    worker = lab.start(**small, REMINDERS_FAILPOINT="after-changelog:9")
    assert await lab.ended(worker) == 137
    lab.start(**small)
    await lab.caught_up()
    await check(lab)
