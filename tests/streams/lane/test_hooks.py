"""What the owner of an app is told, and when."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.streams.lane.lab import PARTITIONS, Lab, numbered

pytestmark = pytest.mark.servers


def told(lab: Lab, name: str) -> Iterator[dict[str, Any]]:
    for line in (lab.folder / name).read_text().splitlines():
        yield json.loads(line)


async def test_the_owner_is_told_of_partitions_tables_and_batches(lab: Lab) -> None:
    await lab.publish(numbered(300))
    worker = lab.start(LANE_TOLD=str(lab.folder / "told"))
    await lab.caught_up()
    assert await lab.stop(worker) == 0
    events = list(told(lab, "told"))
    sources = sorted([lab.topic(name), n] for name in ("in", "again", "public") for n in range(PARTITIONS))
    first = [event["what"] for event in events if event["what"] != "revoked"][:2]
    assert first == ["assigned", "recovered"]
    recovered = next(event for event in events if event["what"] == "recovered")
    assert (recovered["tps"], recovered["rows"], recovered["ready"]) == (sources, {}, False)
    done = [event for event in events if event["what"] == "done" and event["table"]]
    assert {event["table"] for event in done} == {"counts"}
    rows: dict[str, int] = {}
    for event in done:
        rows |= event["changes"]
    assert rows == lab.expected_table()
    assert all(event["ready"] for event in done)


async def test_a_background_task_sends_to_a_partition_of_its_choice(lab: Lab) -> None:
    lab.start(LANE_TOLD=str(lab.folder / "told"))
    await lab.publish(numbered(10))
    await lab.caught_up()
    greetings = [r for r in await lab.read(lab.topic("out")) if r.key == b"greeting"]
    assert [(r.partition, r.value) for r in greetings] == [(3, b"hello")]


@pytest.mark.parametrize("store", ["memory://", "rocksdb://"])
async def test_partitions_and_rows_change_hands_when_a_worker_joins(lab: Lab, store: str) -> None:
    await lab.publish(numbered(500))
    a = lab.start("a", LANE_STORE=store, LANE_TOLD=str(lab.folder / "told-a"))
    await lab.caught_up()
    b = lab.start("b", LANE_STORE=store, LANE_TOLD=str(lab.folder / "told-b"))
    await lab.logged("Worker ready", "b")
    await lab.publish(numbered(500, first=500))
    await lab.caught_up()
    assert await lab.stop(b) == 0
    assert await lab.stop(a) == 0
    ours, theirs = list(told(lab, "told-a")), list(told(lab, "told-b"))
    taken = next(event for event in theirs if event["what"] == "recovered")
    lost = next(event for event in ours if event["what"] == "revoked" and event["tps"])
    kept = [event for event in ours if event["what"] == "recovered"][1]
    everything = {tuple(tp) for tp in lost["tps"]}
    assert {tuple(tp) for tp in taken["tps"]} | {tuple(tp) for tp in kept["tps"]} == everything
    assert not {tuple(tp) for tp in taken["tps"]} & {tuple(tp) for tp in kept["tps"]}
    assert taken["rows"]
    assert kept["rows"]
    assert not taken["rows"].keys() & kept["rows"].keys(), "a worker kept rows of partitions that left"
    assert set(taken["rows"]) | set(kept["rows"]) == {f"key-{n}" for n in range(50)}
    assert set(await lab.outputs()) == {*lab.expected_outputs(), b"hello"}
    assert await lab.table() == lab.expected_table()
