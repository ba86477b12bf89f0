"""A worker frozen beyond its session and woken after another took over: what it still writes must not count.

``REMINDERS_FREEZES=10`` (2 by default) says how often the worker is frozen.
"""

import asyncio
import json
import os
import signal
from typing import Any

import pytest

from streams.lane import is_internal
from tests.streams.lane.lab import Lab, numbered

pytestmark = [pytest.mark.servers, pytest.mark.timeout(600)]
FREEZES = int(os.environ.get("REMINDERS_FREEZES", "2"))
OLD_RULE = {"REMINDERS_TESTING": "1", "REMINDERS_NO_EPOCHS": "1"}
KEYS = 50


async def frozen(lab: Lab, n: int, point: str, **env: str) -> Any:
    """A worker alone with a load, stopped at ``point`` with a batch in hand."""
    worker = lab.start(f"frozen-{n}", LANE_POLL="100", REMINDERS_FAILPOINT=f"{point}:3:freeze", **env)
    await lab.publish(numbered(2_000, keys=KEYS, first=len(lab.inputs)), rate=4_000)
    for _ in range(300):
        if "T" in await asyncio.to_thread(state_of, worker.pid):
            return worker
        await asyncio.sleep(0.1)
    raise AssertionError(lab.logs())


def state_of(pid: int) -> str:
    with open(f"/proc/{pid}/stat") as stat:
        return stat.read().rsplit(")", 1)[1].split()[0]


async def recovered(lab: Lab, name: str, **env: str) -> dict[str, int]:
    """The table as a worker with an empty store finds it in the changelog."""
    told = lab.folder / f"told-{name}"
    worker = lab.start(name, LANE_TOLD=str(told), **env)
    await lab.logged("Worker ready", name)
    assert await lab.stop(worker) == 0
    events = [json.loads(line) for line in told.read_text().splitlines()]
    return {key: n for event in events if event["what"] == "recovered" for key, n in event["rows"].items()}


async def compacted(lab: Lab) -> dict[str, int]:
    """What compaction would leave: the last row of each key, whoever wrote it."""
    rows = {r.key: r.value for r in await lab.read(lab.changelog) if not is_internal(r.key)}
    return {key.decode(): int(value) for key, value in rows.items() if value is not None}


@pytest.mark.parametrize("store", ["memory://", "rocksdb://"])
async def test_a_worker_woken_after_it_was_replaced_writes_nothing_that_counts(lab: Lab, store: str) -> None:
    for n in range(FREEZES):
        # after-outputs: it wakes before it asks; before-changelog: after, so only the fence can hold it
        point = ("before-changelog", "after-outputs")[n % 2]
        old = await frozen(lab, n, point, LANE_STORE=store)
        heir = lab.start(f"heir-{n}", LANE_STORE=store)
        await lab.publish(numbered(1_000, keys=KEYS, first=len(lab.inputs)), rate=2_000)
        await lab.caught_up()
        before = len(await lab.read(lab.changelog))
        old.send_signal(signal.SIGCONT)
        assert await lab.ended(old) == 1, "it ends itself"
        written = (await lab.read(lab.changelog))[before:]
        assert point == "after-outputs" or written, "it wrote after it woke, or the test shows nothing"
        await lab.mended()
        assert await lab.stop(heir) == 0
        assert await compacted(lab) == lab.expected_table()
        assert await recovered(lab, f"reader-{n}") == lab.expected_table()
    assert set(await lab.outputs()) == {*lab.expected_outputs(), b"hello"}


async def test_the_rule_without_epochs_lets_it_overwrite_its_successor(lab: Lab) -> None:
    old = await frozen(lab, 0, "before-changelog", **OLD_RULE)
    heir = lab.start("heir", **OLD_RULE)
    await lab.publish(numbered(1_000, keys=KEYS, first=len(lab.inputs)), rate=2_000)
    await lab.caught_up()
    before = len(await lab.read(lab.changelog))
    old.send_signal(signal.SIGCONT)
    for _ in range(100):
        if len(await lab.read(lab.changelog)) > before:
            break
        await asyncio.sleep(0.1)
    old.kill()
    heir.kill()
    assert await recovered(lab, "reader", **OLD_RULE) != lab.expected_table(), "the test would not notice"
