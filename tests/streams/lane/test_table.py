"""What a body sees and may do."""

import pytest
from faust.types import TP

from streams.lane import LaneError, TooLarge, is_internal
from tests.streams.lane.stand import Stand, record


async def test_a_batch_reads_what_the_one_before_it_wrote_and_nothing_is_stored_yet() -> None:
    stand = await Stand().start()
    stand.producer.held = True
    await stand.count(stand.delivery("a", "a"))
    assert stand.counts.row_of(0, "a") is None
    async with await stand.admit(stand.delivery("b", start=2)) as batch:
        assert [record.offset for record in batch] == [2]
        assert stand.counts["a"] == 2


async def test_partitions_do_not_see_each_other() -> None:
    stand = await Stand().start()
    await stand.count(stand.delivery("a", partition=0))
    async with await stand.admit(stand.delivery("b", partition=1)) as batch:
        assert len(list(batch)) == 1
        assert "a" not in stand.counts
        assert list(stand.counts) == []


async def test_a_table_is_a_mapping_of_stored_and_held_rows() -> None:
    stand = await Stand().start()
    await stand.count(stand.delivery("a", "b", "c"))
    await stand.settle()
    async with await stand.admit(stand.delivery("x", start=3)) as batch:
        list(batch)
        del stand.counts["a"]
        stand.counts["b"] = 20
        stand.counts["d"] = 4
        assert dict(stand.counts.items()) == {"b": 20, "c": 1, "d": 4}
        assert len(stand.counts) == 3
        assert "a" not in stand.counts
        assert stand.counts.get("a", 7) == 7
        with pytest.raises(KeyError):
            stand.counts["a"]
        with pytest.raises(KeyError):
            del stand.counts["a"]
        assert stand.counts.pop("d") == 4
    await stand.settle()
    assert dict(stand.counts.items_of(0)) == {"b": 20, "c": 1}
    assert batch.changes == {"a": None, "b": 20, "d": None}


async def test_outside_of_a_batch_a_table_is_closed() -> None:
    stand = await Stand().start()
    with pytest.raises(LaneError):
        stand.counts["a"] = 1
    with pytest.raises(LaneError):
        stand.counts.get("a")


async def test_an_agent_writes_one_table() -> None:
    stand = Stand()
    other = stand.app.table("other", encode=b"%d".__mod__, decode=int)
    await stand.start()

    async def body() -> None:
        async with await stand.admit(stand.delivery("a")):
            stand.counts["a"] = 1
            other["a"] = 1

    with pytest.raises(LaneError, match="one table"):
        await body()
    await stand.settle()
    assert stand.crashes


@pytest.mark.parametrize("key", ["", "\0mark"])
async def test_keys_of_the_lane_are_not_for_rows(key: str) -> None:
    stand = await Stand().start()
    batch = await stand.admit(stand.delivery("a"))
    with pytest.raises(LaneError):
        async with batch:
            stand.counts[key] = 1


async def test_none_is_no_row() -> None:
    stand = await Stand().start()
    async with await stand.admit(stand.delivery("a")) as batch:
        list(batch)
        with pytest.raises(TypeError):
            stand.counts["a"] = None  # type: ignore[assignment]


async def test_a_row_too_large_leaves_the_batch_as_it_was() -> None:
    stand = Stand(max_batch_bytes=9_000)
    texts = stand.app.table("texts", encode=str.encode, decode=bytes.decode)
    await stand.start()
    async with await stand.admit(stand.delivery("a")) as batch:
        list(batch)
        texts["short"] = "x"
        with pytest.raises(TooLarge):
            texts["long"] = "x" * 2_000
        assert dict(texts.items()) == {"short": "x"}
    await stand.settle()
    assert not stand.crashes


async def test_a_batch_ends_early_rather_than_outgrow_a_record_batch() -> None:
    stand = await Stand(max_batch_bytes=3_000).start()
    values = [f"key-{n}" for n in range(200)]
    seen: list[int] = []
    async for batch in stand.batches(stand.delivery(*values)):
        async with batch:
            for record in batch:
                seen.append(record.offset)
                stand.counts[(record.key or b"").decode()] = 1
        if len(seen) == len(values):
            break
    await stand.settle()
    assert seen == list(range(200))
    changelogs = [sent for sent in stand.producer.sent if sent.topic == "stand-counts-changelog"]
    assert len(changelogs) > 3
    assert all(is_internal(sent.records[-1][0]) for sent in changelogs)
    assert len(dict(stand.counts.items_of(0))) == 200
    assert not stand.crashes


async def test_what_is_known_of_a_row_follows_the_changelog_and_leaves_with_the_partition() -> None:
    stand = await Stand().start()
    await stand.count(stand.delivery("a"))
    await stand.settle()
    assert stand.counts.row_of(0, "a") == 1
    assert stand.counts.row_of(0, "b") is None
    changelog = TP(stand.counts.changelog_topic_name, 0)
    stand.counts.apply(0, [record(changelog, 5, "a=7"), record(changelog, 6, "b=8")])
    assert (stand.counts.row_of(0, "a"), stand.counts.row_of(0, "b")) == (7, 8)
    stand.lane.forget(frozenset({TP("in", 0)}))
    stand.counts.store.write(0, {b"a": b"9"}, None)
    assert stand.counts.row_of(0, "a") == 9


async def test_more_rows_than_are_kept_at_hand_are_read_again() -> None:
    stand = await Stand().start()
    keys = [f"k{n}" for n in range(1_100)]
    await stand.count(stand.delivery(*keys))
    await stand.settle()
    stand.counts.store.write(0, {key.encode(): b"5" for key in keys}, None)
    found = [stand.counts.row_of(0, key) for key in reversed(keys)]
    assert found == [1] * 1_000 + [5] * 100
