"""The batch lane: the same agent over batches, its table exact."""

import os

import msgspec

from bench.counting.events import Counted, Event
from bench.counting.workers import pauses
from streams.lane import Batches, LaneApp, LaneSettings

ENV = os.environ
settings = LaneSettings(
    broker=f"kafka://{ENV['BENCH_BROKER']}",
    store=ENV["BENCH_STORE"],
    datadir=ENV["BENCH_DATA"],
    partitions=4,
    session_timeout_s=10,
)
app = LaneApp(ENV["BENCH_ID"], settings)
source = app.batch_topic(ENV["BENCH_IN"])
OUT = app.output(ENV["BENCH_OUT"])
counts = app.table("counts", encode=b"%d".__mod__, decode=int)
pauses.tell(app)
decode, encode = msgspec.json.Decoder(Event).decode, msgspec.json.Encoder().encode


@app.batch_agent(source, name="count")
async def count(batches: Batches) -> None:
    """Counts by person."""
    async for batch in batches:
        async with batch:
            for record in batch:
                event = decode(record.value or b"")
                n = counts[event.person_id] = counts.get(event.person_id, 0) + 1
                batch.send(OUT, key=record.key, value=encode(Counted(event.message_id, event.person_id, n)))
