"""A small worker for the tests: counts records by key and tells each count; LANE_* variables choose the rest.

``python -m faust -A tests.streams.lane.counting worker`` with LANE_BROKER, LANE_STORE, LANE_DATA, LANE_ID.
"""

import json
import os
from pathlib import Path

from streams.lane import Batch, Batches, LaneApp, LaneSettings

ENV = os.environ
ID = ENV.get("LANE_ID", "counting")
PARTITIONS = 4

SETTINGS = LaneSettings(
    broker="kafka://" + ENV.get("LANE_BROKER", "127.0.0.1:1").replace(",", ";"),
    store=ENV.get("LANE_STORE", "memory://"),
    datadir=ENV.get("LANE_DATA", ".run/lane"),
    partitions=PARTITIONS,
    session_timeout_s=float(ENV.get("LANE_SESSION_S", "2")),
    look_s=1,
    end_within_s=6,
    metadata_max_age_s=3,
    heartbeat_s=0.5,
    rebalance_timeout_s=10,
    request_timeout_s=5,
    commit_interval_s=0.2,
    drain_timeout_s=5,
    max_poll_records=int(ENV.get("LANE_POLL", "1000")),
    max_batch_bytes=int(ENV.get("LANE_BATCH_BYTES", "900000")),
)
app = LaneApp(ID, SETTINGS)
source = app.batch_topic(f"{ID}-in")
again = app.batch_topic(f"{ID}-again")
public = app.batch_topic(f"{ID}-public", holes=True)
out = app.output(f"{ID}-out")
counts = app.table("counts", encode=b"%d".__mod__, decode=int, help="how often a key was seen")


async def count(batches: Batches) -> None:
    async for batch in batches:
        async with batch:
            for record in batch:
                key, value = (record.key or b"none"), record.value or b"none"
                if value == ENV.get("LANE_BREAK_AT", "").encode():
                    raise RuntimeError("told to break")
                if value == b"huge":
                    value = b"x" * 2_000_000
                seen = counts[key.decode()] = counts.get(key.decode(), 0) + 1
                batch.send(out, key=key, value=b"%b %d" % (value, seen))


@app.batch_agent(source, name="count")
async def first(batches: Batches) -> None:
    """Counts the records of the source."""
    await count(batches)


@app.batch_agent(again, name="count-again")
async def second(batches: Batches) -> None:
    """Counts the records of another source into the same table."""
    await count(batches)


@app.batch_agent(public, name="forward")
async def forward(batches: Batches) -> None:
    """Says how long public records are, whatever they hold."""
    async for batch in batches:
        async with batch:
            for record in batch:
                size = -1 if record.value is None else len(record.value)
                batch.send(out, key=record.key or b"none", value=b"size %d" % size)


def tell(what: str, **facts: object) -> None:
    if "LANE_TOLD" in ENV:
        with Path(ENV["LANE_TOLD"]).open("a") as file:
            file.write(json.dumps({"what": what, "ready": app.ready, **facts}) + "\n")


@app.on_assigned
def assigned(tps: frozenset[object]) -> None:
    tell("assigned", tps=sorted(tps))  # type: ignore[type-var]


@app.on_revoked
def revoked(tps: frozenset[object]) -> None:
    tell("revoked", tps=sorted(tps))  # type: ignore[type-var]


@app.on_recovered
async def recovered(tps: frozenset[object]) -> None:
    rows = {key: value for partition in range(PARTITIONS) for key, value in held(partition)}
    tell("recovered", tps=sorted(tps), rows=rows)  # type: ignore[type-var]


def held(partition: int) -> list[tuple[str, int]]:
    return list(counts.items_of(partition)) if counts.store.holds(partition) else []


@app.on_batch_done
def done(batch: Batch) -> None:
    table = batch.table.name if batch.table else None
    tell("done", topic=batch.tp.topic, table=table, changes=batch.changes)


@app.task
async def greet() -> None:
    if "LANE_FAIL_TASK" in ENV:
        raise RuntimeError("told to fail")
    while not app.ready and not app.should_stop:
        await app.sleep(0.05)
    if "LANE_TOLD" in ENV and app.ready:
        await app.send_now(out, b"greeting", b"hello", partition=3)
        tell("greeted")
