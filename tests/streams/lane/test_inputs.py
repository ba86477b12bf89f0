"""What may stand in a topic: nothing, much, transactions, and a log that is not what it was."""

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import NewTopic, RecordsToDelete

from streams.lane import LaneError
from streams.lane.rebuild import Rebuild
from tests.streams.lane.lab import PARTITIONS, Lab, numbered

pytestmark = pytest.mark.servers
BROKER_LIMIT = 1_048_588  # of a record batch, Kafka's default


async def test_empty_records_and_tombstones_reach_the_agent(lab: Lab) -> None:
    await lab.publish([(b"key", None), (b"key", b""), (None, b"unnamed"), (b"key", b"last")])
    lab.start()
    await lab.caught_up()
    assert sorted(await lab.outputs()) == [b"last 3", b"none 1", b"none 2", b"unnamed 1"]


async def test_a_record_as_large_as_the_broker_takes_reaches_the_agent(lab: Lab) -> None:
    size = BROKER_LIMIT - 100
    async with lab.producer(max_request_size=2 * BROKER_LIMIT, max_batch_size=BROKER_LIMIT) as producer:
        await producer.send_and_wait(lab.topic("public"), b"x" * size, partition=0)
        await producer.send_and_wait(lab.topic("public"), b"small", partition=0)
    lab.start()
    await lab.caught_up("public")
    assert sorted(await lab.outputs()) == [b"size %d" % size, b"size 5"]


async def test_aborted_records_are_skipped_and_their_markers_passed(lab: Lab) -> None:
    async with lab.producer(transactional_id=lab.id) as producer:
        for value, good in [(b"one", True), (b"aborted", False), (b"three", True), (b"aborted too", False)]:
            await producer.begin_transaction()
            await producer.send_and_wait(lab.topic("public"), value, key=b"k", partition=1)
            await (producer.commit_transaction() if good else producer.abort_transaction())
    worker = lab.start()
    await lab.caught_up("public")  # the log ends with an aborted record and a marker
    assert await lab.outputs() == [b"size 3", b"size 5"]
    assert await lab.stop(worker) == 0
    async with lab.producer() as producer:
        await producer.send_and_wait(lab.topic("public"), b"after", partition=1)
    lab.start()
    await lab.caught_up("public")
    assert sorted(await lab.outputs()) == [b"size 3", b"size 5", b"size 5"]


async def test_a_log_that_lost_its_head_is_read_from_where_it_begins(lab: Lab) -> None:
    await lab.publish(numbered(400))
    worker = lab.start()
    await lab.caught_up()
    assert await lab.stop(worker) == 0
    before = await lab.outputs()
    await lab.publish(numbered(400, first=400))
    cut = {
        TopicPartition(lab.topic("in"), n): RecordsToDelete(end - 10) for n, end in (await lab.ends()).items()
    }
    async with lab.admin() as admin:
        await admin.delete_records(cut)
    lab.start()
    await lab.caught_up()
    assert len(await lab.outputs()) == len(before) + 10 * PARTITIONS
    assert "expired before they were read" in lab.log()


def rebuilding(lab: Lab) -> Rebuild:
    return Rebuild(lab.broker, lab.id, sources=[lab.topic("in"), lab.topic("again")], tables=["counts"])


async def stopped_after(lab: Lab, count: int) -> None:
    await lab.publish(numbered(count))
    worker = lab.start()
    await lab.caught_up()
    async with rebuilding(lab) as rebuild:
        with pytest.raises(LaneError, match="stop them first"):
            await rebuild.find()
    assert await lab.stop(worker) == 0


async def test_a_source_that_was_recreated_is_refused_until_its_marks_are_forgotten(lab: Lab) -> None:
    await stopped_after(lab, 400)
    async with lab.admin() as admin:
        await admin.delete_topics([lab.topic("in")])
        await admin.create_topics([NewTopic(lab.topic("in"), PARTITIONS, 1)])
    assert await lab.ended(lab.start("refused")) == 1
    assert "was the topic recreated? Stop all workers and see: reminders rebuild" in lab.log("refused")
    async with rebuilding(lab) as rebuild:
        found = await rebuild.find()
        assert {finding.problem for finding in found} == {"replaced"}
        await rebuild.forget(found)
        assert await rebuild.find() == []
    await lab.publish(numbered(200, first=400))
    lab.start("again")
    await lab.caught_up()
    assert await lab.table() == lab.expected_table()


async def test_a_recreated_source_that_has_outgrown_its_marks_is_refused_too(lab: Lab) -> None:
    await stopped_after(lab, 200)
    async with lab.admin() as admin:
        await admin.delete_topics([lab.topic("in")])
        await admin.create_topics([NewTopic(lab.topic("in"), PARTITIONS, 1)])
    await lab.publish(numbered(600, first=200))
    assert await lab.ended(lab.start("refused")) == 1
    assert "holds other records but was read up to" in lab.log("refused")
    async with rebuilding(lab) as rebuild:
        found = await rebuild.find()
        assert {(finding.problem, finding.place.other) for finding in found} == {("replaced", True)}
        await rebuild.forget(found)
        assert await rebuild.find() == []
    lab.start("again")
    await lab.caught_up()
    assert await lab.table() == lab.expected_table()


async def test_offsets_set_back_by_hand_are_refused_until_that_is_meant(lab: Lab) -> None:
    await stopped_after(lab, 400)
    await lab.set_committed(5)
    assert await lab.ended(lab.start("refused")) == 1
    assert "was set back to 5, but tables hold it up to" in lab.log("refused")
    async with rebuilding(lab) as rebuild:
        found = await rebuild.find()
        assert {finding.problem for finding in found} == {"reset"}
        await rebuild.forget(found)
    lab.start("again")
    await lab.caught_up()
    seen_again = sum((await lab.table()).values()) - 400
    assert seen_again == 400 - 5 * PARTITIONS


async def test_offsets_that_a_crash_left_behind_are_no_reason_to_refuse(lab: Lab) -> None:
    await lab.publish(numbered(3_000))
    worker = lab.start(LANE_POLL="100", REMINDERS_FAILPOINT="after-done:12")
    assert await lab.ended(worker) == 137
    lab.start()
    await lab.caught_up()
    assert await lab.table() == lab.expected_table()
