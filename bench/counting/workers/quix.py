"""Quix Streams: a stateful function over a dataframe. Runs in an environment of its own, .venv-bench."""

import os

from quixstreams import Application, State

ENV = os.environ
app = Application(
    broker_address=ENV["BENCH_BROKER"],
    consumer_group=ENV["BENCH_ID"],
    auto_offset_reset="earliest",
    state_dir=ENV["BENCH_DATA"],
    processing_guarantee=ENV["BENCH_GUARANTEE"],
    commit_interval=float(ENV["BENCH_COMMIT_S"]),
    loglevel="WARNING",
)
source = app.topic(ENV["BENCH_IN"], key_deserializer="str", value_deserializer="json")
out = app.topic(ENV["BENCH_OUT"], key_serializer="str", value_serializer="json")


def count(event: dict[str, str], state: State) -> dict[str, object]:
    """Counts by person."""
    n = state.get("n", 0) + 1
    state.set("n", n)
    return {"message_id": event["message_id"], "person_id": event["person_id"], "count": n}


if __name__ == "__main__":
    app.dataframe(source).apply(count, stateful=True).to_topic(out)
    app.run()
