"""The order of a step, station by station."""

import asyncio
from typing import Any

import pytest
from faust.types import TP

from streams.lane import Batch, LaneError
from streams.lane.marks import Mark, encode_mark, mark_key
from tests.streams.lane.stand import Stand

CHANGELOG = "stand-counts-changelog"
TP0 = TP("in", 0)


async def held_stand() -> Stand:
    stand = await Stand().start()
    stand.producer.held = True
    return stand


async def test_outputs_then_changelog_then_store_then_done() -> None:
    stand = await held_stand()
    done: list[Batch] = []
    stand.app.on_batch_done(done.append)
    await stand.count(stand.delivery("a", "a"))
    await stand.settle()
    assert stand.producer.topics() == ["out"]
    assert stand.producer.sent[0].records == [(b"a", b"a"), (b"a", b"a")]

    stand.producer.sent[0].acknowledge()
    await stand.settle()
    assert stand.producer.topics() == ["out", CHANGELOG]
    assert stand.producer.sent[1].records == [(b"a", b"2"), (mark_key("in"), encode_mark(Mark(1, 1, 0)))]
    assert stand.counts.row_of(0, "a") is None
    assert stand.lane.progress.done[TP0] == 0

    stand.producer.sent[1].acknowledge()
    await stand.settle()
    assert stand.counts.row_of(0, "a") == 2
    assert stand.counts.mark(TP0).offset == 1
    assert stand.counts.persisted_offset(TP(CHANGELOG, 0)) == 2  # behind the fence
    assert stand.lane.progress.done[TP0] == 2
    assert [(batch.tp, batch.changes) for batch in done] == [(TP0, {"a": 2})]


async def test_a_batch_waits_for_the_one_before_it() -> None:
    stand = await held_stand()
    await stand.count(stand.delivery("a"))
    await stand.count(stand.delivery("b", start=1))
    first, second = stand.producer.sent
    second.acknowledge()
    await stand.settle()
    assert stand.producer.topics() == ["out", "out"]
    first.acknowledge()
    await stand.settle()
    assert stand.producer.topics() == ["out", "out", CHANGELOG]
    assert stand.producer.sent[2].records[0] == (b"a", b"1")


async def test_a_batch_does_not_wait_for_other_partitions() -> None:
    stand = await held_stand()
    await stand.count(stand.delivery("a", partition=0))
    await stand.count(stand.delivery("b", partition=1))
    stand.producer.sent[1].acknowledge()
    await stand.settle()
    assert [(sent.topic, sent.partition) for sent in stand.producer.sent[2:]] == [(CHANGELOG, 1)]


async def test_no_more_batches_than_allowed_are_under_way() -> None:
    stand = await Stand(max_inflight=4).start()
    stand.producer.held = True
    for n in range(3):
        await stand.count(stand.delivery("a", start=n))
    fourth = asyncio.create_task(stand.count(stand.delivery("a", start=3)))
    await stand.settle()
    assert not fourth.done()
    stand.producer.held = False
    for sent in stand.producer.sent:
        sent.acknowledge()
    await asyncio.wait_for(fourth, 5)


async def test_a_batch_that_changes_nothing_has_no_mark() -> None:
    stand = await Stand().start()
    async with await stand.admit(stand.delivery("a")) as batch:
        list(batch)
        batch.send("out", key=b"k", value=b"v")
    await stand.settle()
    assert stand.producer.topics() == ["out"]
    assert stand.lane.progress.done[TP0] == 1


async def test_a_replay_meets_the_mark_and_only_the_rest_is_processed() -> None:
    stand = await Stand().start()
    await stand.count(stand.delivery("a", "b"))
    await stand.settle()
    stand.lane.forget(frozenset({TP0}))
    stand.lane.progress.start({TP0: 0})
    async with await stand.admit(stand.delivery("a", "b", "c")) as batch:
        assert [record.offset for record in batch] == [2]
    await stand.settle()
    assert stand.lane.progress.done[TP0] == 3


async def test_a_whole_replay_is_done_without_a_body() -> None:
    stand = await Stand().start()
    await stand.count(stand.delivery("a", "b"))
    await stand.settle()
    stand.lane.forget(frozenset({TP0}))
    stand.lane.progress.start({TP0: 0})
    replay, fresh = stand.delivery("a", "b"), stand.delivery("c", start=2)
    batch = await anext(stand.batches(replay, fresh))
    async with batch:
        assert [record.offset for record in batch] == [2]
    await stand.settle()
    assert stand.lane.progress.done[TP0] == 3


async def test_a_failed_send_poisons_and_nothing_later_is_done() -> None:
    stand = await held_stand()
    await stand.count(stand.delivery("a"))
    await stand.count(stand.delivery("b", start=1))
    first, second = stand.producer.sent
    first.future.set_exception(RuntimeError("refused"))
    second.acknowledge()
    await stand.settle()
    assert stand.producer.topics() == ["out", "out"]
    assert stand.lane.progress.done[TP0] == 0
    assert [str(error) for error in stand.crashes] == ["refused"]
    assert await stand.lane.admit(stand.delivery("c", start=2)) is None


async def test_an_exception_in_a_body_poisons_and_sends_nothing() -> None:
    stand = await Stand().start()

    async def body() -> None:
        async with await stand.admit(stand.delivery("a")) as batch:
            list(batch)
            batch.send("out", key=b"k", value=b"v")
            stand.counts["a"] = 1 // 0

    with pytest.raises(ZeroDivisionError):
        await body()
    await stand.settle()
    assert stand.producer.topics() == []
    assert [type(error) for error in stand.crashes] == [ZeroDivisionError]
    assert stand.lane.progress.done[TP0] == 0


async def test_a_hook_that_fails_stops_the_worker() -> None:
    stand = await Stand().start()

    @stand.app.on_batch_done
    def fail(_batch: Any) -> None:
        raise ValueError("hook")

    await stand.count(stand.delivery("a"))
    await stand.settle()
    assert [str(error) for error in stand.crashes] == ["hook"]


async def test_a_body_that_takes_no_record_is_refused() -> None:
    stand = await Stand().start()
    batch = await stand.admit(stand.delivery("a"))
    with pytest.raises(LaneError, match="took none"):
        async with batch:
            pass


async def test_a_batch_that_is_not_entered_is_refused() -> None:
    stand = await Stand().start()
    batches = stand.batches(stand.delivery("a"), stand.delivery("b", start=1))
    await anext(batches)
    with pytest.raises(LaneError, match="not entered"):
        await anext(batches)
    assert stand.lane.failed is not None


async def test_while_partitions_move_no_body_begins() -> None:
    stand = await Stand().start()
    old = stand.delivery("a")
    stand.app.flow_control.suspend()
    assert await stand.lane.admit(old) is None
    stand.app.flow_control.resume()
    stand.app.consumer_generation_id += 1
    assert await stand.lane.admit(old) is None


async def test_a_batch_of_a_former_generation_never_reaches_the_changelog() -> None:
    stand = await held_stand()
    await stand.count(stand.delivery("a"))
    stand.app.consumer_generation_id += 1
    stand.producer.sent[0].acknowledge()
    await stand.settle()
    assert stand.producer.topics() == ["out"]
    assert "taken away" in str(stand.crashes[0])


async def test_drain_waits_for_what_is_under_way() -> None:
    stand = await held_stand()
    await stand.count(stand.delivery("a"))
    drained = asyncio.create_task(stand.lane.drain())
    await stand.settle()
    assert not drained.done()
    stand.producer.held = False
    stand.producer.sent[0].acknowledge()
    await drained
    assert stand.lane.progress.done[TP0] == 1
    assert stand.lane.failed is None


@pytest.mark.long
async def test_drain_gives_up_after_its_time_and_nothing_is_committed_later() -> None:
    stand = await held_stand()
    await stand.count(stand.delivery("a"))
    await stand.lane.drain()
    assert "not done within" in str(stand.lane.failed)
    stand.producer.sent[0].acknowledge()
    await stand.settle()
    assert stand.lane.progress.done[TP0] == 0


async def test_what_is_held_back_for_a_revoked_partition_is_dropped() -> None:
    stand = await held_stand()
    await stand.count(stand.delivery("a"))
    stand.lane.forget(frozenset({TP0}))
    stand.lane.progress.start({TP0: 0})
    async with await stand.admit(stand.delivery("b")) as batch:
        list(batch)
        assert "a" not in stand.counts


async def test_an_acknowledgement_without_offset_leaves_the_stores_offset_alone() -> None:
    stand = await held_stand()
    await stand.count(stand.delivery("a"))
    stand.producer.sent[0].acknowledge()
    await stand.settle()
    stand.producer.sent[1].offset = -1
    stand.producer.sent[1].acknowledge()
    await stand.settle()
    assert stand.counts.row_of(0, "a") == 1
    assert stand.counts.persisted_offset(TP(CHANGELOG, 0)) == 0


async def test_the_reversed_order_commits_before_it_sends() -> None:
    stand = await Stand(env={"REMINDERS_TESTING": "1", "REMINDERS_STEP_ORDER": "reversed"}).start()
    await stand.count(stand.delivery("a"))
    await stand.settle()
    assert stand.producer.topics() == [CHANGELOG, "out"]
    assert stand.commits == 1
