"""A small worker for the tests: counts records by key, tells each count; the environment chooses what goes wrong.

``python -m faust -A tests.streams.counting worker`` with LANE_BROKER, LANE_STORE, LANE_DATA, LANE_ID.
"""

import os

from streams.lane import Batches, LaneApp

PARTITIONS = 4
ID = os.environ.get("LANE_ID", "counting")

app = LaneApp(
    ID,
    broker=f"kafka://{os.environ.get('LANE_BROKER', '127.0.0.1:1')}",
    store=os.environ.get("LANE_STORE", "memory://"),
    datadir=os.environ.get("LANE_DATA", ".run/lane"),
    partitions=PARTITIONS,
    session_timeout_s=6,
    heartbeat_s=1,
    rebalance_timeout_s=10,
    commit_interval_s=0.2,
    drain_timeout_s=5,
    max_poll_records=int(os.environ.get("LANE_POLL", "1000")),
)
source = app.batch_topic(f"{ID}-in")
again = app.batch_topic(f"{ID}-again")
public = app.batch_topic(f"{ID}-public", holes=True)
out = app.output(f"{ID}-out")
counts = app.table(f"{ID}-counts", encode=b"%d".__mod__, decode=int, help="how often a key was seen")
BREAK_AT = os.environ.get("LANE_BREAK_AT", "").encode()


async def count(batches: Batches) -> None:
    async for batch in batches:
        async with batch:
            for record in batch:
                if BREAK_AT and record.value == BREAK_AT:
                    raise RuntimeError("told to break")
                key = (record.key or b"none").decode()
                seen = counts[key] = counts.get(key, 0) + 1
                batch.send(out, key=record.key, value=b"%b %d" % (record.value or b"", seen))


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
    """Passes public records on, whatever they are."""
    async for batch in batches:
        async with batch:
            for record in batch:
                batch.send(out, key=b"public", value=record.value)


@app.on_recovered
def tell_recovered(tps: object) -> None:
    app.log.warning("recovered %d partitions", len(tps))  # type: ignore[arg-type]
