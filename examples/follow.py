"""Follow ``delivery-events`` and keep them as files: Parquet if pyarrow is there, else CSV. Copy and change.

    python examples/follow.py --servers 127.0.0.1:9092 --into events/

Reads without this project's code: JSON over Kafka, as ``docs/delivery-events.md`` describes it. A repeated
event has the same ``delivery_event_id`` and is once in a file; over several files ask with ``SELECT
DISTINCT``. Offsets are committed after a file is complete: nothing is lost in between.
"""

import argparse
import asyncio
import csv
import json
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer

_WORDS = (
    "delivery_event_id text_id plan_version phone_ref workspace_id study_id event_id booking_id kind wording",
    "state final reason carrier_code attempt segments_predicted segments_billed lateness_s due_at at is_test",
)
COLUMNS = tuple(name for line in _WORDS for name in line.split())
_TYPES = {
    **dict.fromkeys(("plan_version", "attempt", "segments_predicted", "segments_billed"), "int64"),
    **dict.fromkeys(("final", "is_test"), "bool"),
    "lateness_s": "float64",
}
FORM = "parquet" if find_spec("pyarrow") else "csv"


def table(payloads: list[bytes]) -> list[dict[str, Any]]:
    """The rows of some events, each once; fields of later versions are left out, missing ones are empty."""
    rows = {row["delivery_event_id"]: row for row in map(json.loads, payloads)}
    return [{name: row.get(name) for name in COLUMNS} for row in rows.values()]


def write(rows: list[dict[str, Any]], stem: Path, form: str) -> Path:
    """Write rows to ``stem`` with the ending of the format; complete or not there at all."""
    path, part = stem.with_suffix(f".{form}"), stem.with_suffix(".part")
    (_write_parquet if form == "parquet" else _write_csv)(rows, part)
    return part.rename(path)


def _write_parquet(rows: list[dict[str, Any]], path: Path) -> None:
    import pyarrow as arrow  # noqa: PLC0415  used where it is there
    from pyarrow import parquet  # noqa: PLC0415

    # said, not inferred: a batch without a value in a column would give it a type of its own
    schema = arrow.schema([(name, _TYPES.get(name, "string")) for name in COLUMNS])
    parquet.write_table(arrow.Table.from_pylist(rows, schema), path)


def _write_csv(rows: list[dict[str, Any]], path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)


async def follow(servers: str, into: Path, group: str, *, form: str, batch_s: float, once: bool) -> None:
    """Write a file for every batch; with ``once`` end when all that is there was read."""
    consumer = AIOKafkaConsumer(
        "delivery-events",
        bootstrap_servers=servers,
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
    )
    await consumer.start()
    try:
        while True:
            polled = await consumer.getmany(timeout_ms=int(batch_s * 1000), max_records=50_000)
            payloads = [record.value for records in polled.values() for record in records if record.value]
            if payloads:
                path = write(table(payloads), into / f"events-{time.time_ns()}", form)
                await consumer.commit()
                print(f"{len(payloads)} events in {path}")
            elif once and await _has_all(consumer):
                return
    finally:
        await consumer.stop()


async def _has_all(consumer: AIOKafkaConsumer) -> bool:
    """Whether every partition was read to its end."""
    ends = await consumer.end_offsets(consumer.assignment())
    return bool(ends) and all([await consumer.position(tp) >= end for tp, end in ends.items()])


if __name__ == "__main__":
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--servers", default="127.0.0.1:9092")
    words.add_argument("--into", type=Path, default=Path("events"))
    words.add_argument("--group", default="events-follower")
    words.add_argument("--batch-s", type=float, default=5)
    words.add_argument("--form", choices=("parquet", "csv"), default=FORM)
    words.add_argument("--once", action="store_true", help="end when all that is there was read")
    given = words.parse_args()
    given.into.mkdir(parents=True, exist_ok=True)
    settings = {"form": given.form, "batch_s": given.batch_s, "once": given.once}
    asyncio.run(follow(given.servers, given.into, given.group, **settings))
