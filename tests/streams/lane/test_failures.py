"""What goes wrong inside: the worker ends with status 1 and has committed nothing of it."""

from collections import Counter

import pytest

from runtime.partition import partition_for
from tests.streams.lane.lab import PARTITIONS, Lab, numbered

pytestmark = pytest.mark.servers


@pytest.mark.parametrize("store", ["memory://", "rocksdb://"])
async def test_an_exception_in_a_body_ends_the_worker_without_committing(lab: Lab, store: str) -> None:
    await lab.publish(numbered(2_000))
    bad = 1_500
    partition = partition_for(b"key-%d" % (bad % 50), PARTITIONS)
    worker = lab.start(LANE_STORE=store, LANE_POLL="100", LANE_BREAK_AT=str(bad))
    assert await lab.ended(worker) == 1
    assert "told to break" in lab.log()
    same = [value for key, value in lab.inputs if partition_for(key or b"", PARTITIONS) == partition]
    assert (await lab.committed()).get(partition, 0) <= same.index(b"%d" % bad)
    lab.start(LANE_STORE=store)
    await lab.caught_up()
    assert set(await lab.outputs()) == set(lab.expected_outputs())
    assert await lab.table() == lab.expected_table()


async def test_an_output_over_the_limit_is_named_and_nothing_is_committed(lab: Lab) -> None:
    await lab.publish([(b"key", b"huge")])
    assert await lab.ended(lab.start()) == 1
    assert "TooLarge" in lab.log()
    assert not any((await lab.committed()).values())
    assert not await lab.outputs()
    assert not await lab.table()


async def test_an_output_that_does_not_exist_stops_the_start(lab: Lab) -> None:
    async with lab.admin() as admin:
        await admin.delete_topics([lab.topic("out")])
    await lab.publish(numbered(10))
    assert await lab.ended(lab.start(), timeout_s=60) == 1
    assert lab.topic("out") in lab.log()
    assert not any((await lab.committed()).values())


async def test_a_refused_output_stops_the_worker(lab: Lab) -> None:
    """The broker takes less than the lane believes."""
    async with lab.admin() as admin:
        await lab.set_topic(admin, "out", {"max.message.bytes": "200"})
    await lab.publish(numbered(500))
    assert await lab.ended(lab.start(), timeout_s=60) == 1
    assert not any((await lab.committed()).values())
    assert not await lab.table()
    async with lab.admin() as admin:
        await lab.set_topic(admin, "out", {"max.message.bytes": "1000000"})
    lab.start()
    await lab.caught_up()
    assert Counter(await lab.outputs()) == Counter(lab.expected_outputs())


@pytest.mark.parametrize("env", [{}, {"LANE_FAIL_TASK": "1"}], ids=["healthy", "failing"])
async def test_a_worker_told_to_stop_while_it_joins_stops(lab: Lab, env: dict[str, str]) -> None:
    """A failure then once left the fetching thread waiting for an answer of a loop that was gone."""
    worker = lab.start(**env)
    await lab.logged("Waiting for agents to start")
    assert await lab.stop(worker) == len(env)
