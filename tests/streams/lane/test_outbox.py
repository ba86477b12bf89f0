import pytest

from runtime.partition import partition_for
from streams.lane import LaneError, Poisoned, TooLarge
from tests.streams.lane.stand import PARTITIONS, Stand


async def test_the_key_decides_unless_a_partition_is_given() -> None:
    stand = await Stand().start()
    keys = [b"k%d" % n for n in range(20)]
    outbox = stand.app.outbox()
    for key in keys:
        outbox.add("out", key=key, value=b"by key")
    outbox.add("out", key=None, value=b"by hand", partition=2)
    await outbox.send()
    placed = {(sent.partition, key) for sent in stand.producer.sent for key, _ in sent.records}
    assert placed == {(partition_for(key, PARTITIONS), key) for key in keys} | {(2, None)}


async def test_many_records_become_several_record_batches_in_order() -> None:
    stand = await Stand(max_batch_bytes=2_000).start()
    outbox = stand.app.outbox()
    for n in range(100):
        outbox.add("out", key=b"k", value=b"%d" % n + b"x" * 100)
    await outbox.send()
    assert len(stand.producer.sent) > 5
    values = [value for sent in stand.producer.sent for _, value in sent.records]
    assert [int(value.rstrip(b"x")) for value in values] == list(range(100))


async def test_a_record_over_the_limit_is_refused_by_name() -> None:
    stand = await Stand(max_batch_bytes=2_000).start()
    outbox = stand.app.outbox()
    outbox.add("out", key=b"k", value=b"x" * 1_800)
    with pytest.raises(TooLarge, match="out"):
        outbox.add("out", key=b"k", value=b"x" * 2_000)
    with pytest.raises(TooLarge):
        outbox.add("out", key=b"k", value=b"x" * 1_000, headers=[("h", b"x" * 1_000)])


@pytest.mark.parametrize(
    ("topic", "key", "partition"),
    [("elsewhere", b"k", None), ("out", None, None), ("out", b"k", PARTITIONS), ("out", b"k", -1)],
)
async def test_records_without_a_place_are_refused(
    topic: str, key: bytes | None, partition: int | None
) -> None:
    stand = await Stand().start()
    with pytest.raises(LaneError):
        stand.app.outbox().add(topic, key=key, value=b"v", partition=partition)


async def test_send_now_returns_when_it_is_acknowledged() -> None:
    stand = await Stand().start()
    await stand.app.send_now("out", b"k", b"v", partition=3)
    assert [(s.topic, s.partition, s.records) for s in stand.producer.sent] == [("out", 3, [(b"k", b"v")])]


async def test_a_poisoned_worker_sends_nothing_more() -> None:
    stand = await Stand().start()
    stand.lane.poison(RuntimeError("broken"))
    with pytest.raises(Poisoned):
        await stand.app.send_now("out", b"k", b"v")
    await stand.settle()
