"""Faust as its documentation shows it: a Record, a Table, one event at a time."""

import os

import faust

from bench.counting.workers import pauses

ENV = os.environ
app = faust.App(
    ENV["BENCH_ID"],
    broker=f"kafka://{ENV['BENCH_BROKER']}",
    store="memory://",
    datadir=ENV["BENCH_DATA"],
    topic_partitions=4,
    topic_replication_factor=1,
    autodiscover=False,
)
pauses.tell(app)


class Event(faust.Record):
    """The event as Faust's own type."""

    message_id: str
    kind: str
    workspace_id: str
    study_id: str
    booking_id: str
    person_id: str
    starts_at: str
    zone: str
    phone: str
    received_at: str
    note: str


class Counted(faust.Record, include_metadata=False):
    """What is written."""

    message_id: str
    person_id: str
    count: int


source = app.topic(ENV["BENCH_IN"], key_type=bytes, value_type=Event)
out = app.topic(ENV["BENCH_OUT"], key_type=bytes, value_type=Counted)
counts = app.Table("counts", default=int, partitions=4)


@app.agent(source)
async def count(stream: faust.Stream[Event]) -> None:
    """Counts by person."""
    async for event in stream:
        counts[event.person_id] += 1
        counted = Counted(event.message_id, event.person_id, counts[event.person_id])
        await out.send(key=event.person_id.encode(), value=counted)
