"""What stands in examples/ for analytics works: followed from real Kafka, and the five questions asked."""

import asyncio
import json
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest
from aiokafka import AIOKafkaProducer

from runtime import topics_admin
from runtime.config import Config
from schemas.base import encode
from schemas.delivery_events import DeliveryEvent
from tests.records.desk import event

ROOT = Path(__file__).parents[2]
FORMS = ("csv", "parquet")


def _day() -> list[DeliveryEvent]:
    """Five texts: delivered on its second try, suppressed, accepted, open, and a test; one event repeated."""
    a, b, c, d, e = (letter * 32 for letter in "abcde")
    told = [
        event("planned", text_id=a),
        event("accepted", 3, text_id=a, lateness_s=3.0, final=True),
        event("accepted", 6, text_id=a, attempt=2, final=False),
        event("delivered", 9, text_id=a, segments_billed=2),
        event("planned", text_id=b),
        event("suppressed", 1, text_id=b, reason="opted_out"),
        event("planned", text_id=c),
        event("accepted", 1, text_id=c, lateness_s=1.0, final=True),
        event("planned", text_id=d),
        event("planned", text_id=e, is_test=True),
        event("accepted", 2, text_id=e, lateness_s=2.0, final=True, is_test=True),
    ]
    return [*told, told[1]]


def _statements() -> list[str]:
    script = (ROOT / "examples" / "questions.sql").read_text("utf-8")
    plain = "\n".join(line for line in script.splitlines() if not line.startswith("--"))
    return [one for one in plain.split(";") if one.strip()]


def _answers(folder: Path, form: str) -> list[list[tuple[Any, ...]]]:
    with duckdb.connect() as database:
        database.execute(f"CREATE VIEW events AS SELECT DISTINCT * FROM '{folder}/*.{form}'")  # noqa: S608
        return [database.execute(one).fetchall() for one in _statements()]


def _follow(kafka: str, into: Path, form: str) -> str:
    words = ["--servers", kafka, "--into", str(into), "--group", f"{form}-{secrets.token_hex(4)}", "--once"]
    example = [sys.executable, str(ROOT / "examples" / "follow.py"), *words, "--form", form, "--batch-s", "1"]
    done = subprocess.run(example, capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


async def _publish(kafka: str, topic: str, payloads: list[bytes]) -> None:
    await topics_admin.ensure(Config(kafka_bootstrap_servers=kafka, partitions=4))
    producer = AIOKafkaProducer(bootstrap_servers=kafka, acks="all")
    await producer.start()
    try:
        for payload in payloads:
            await producer.send_and_wait(topic, payload)
    finally:
        await producer.stop()


@pytest.mark.servers
@pytest.mark.timeout(600)
@pytest.mark.parametrize("form", FORMS)
def test_the_follower_keeps_what_kafka_has_and_the_questions_are_answered(
    kafka: str, tmp_path: Path, form: str
) -> None:
    workspace = f"ws-{secrets.token_hex(4)}"  # other tests write to the topic too
    day = [
        json.loads(encode(one))
        | {
            "workspace_id": workspace,
            "delivery_event_id": f"{workspace}-{one.delivery_event_id[:32]}",
            "a_field_of_next_year": 1,
        }
        for one in _day()
    ]
    asyncio.run(_publish(kafka, "delivery-events", [json.dumps(one).encode() for one in day]))
    assert "events in" in _follow(kafka, tmp_path, form)
    assert list(tmp_path.glob("*.part")) == []
    own = tmp_path / "own"
    own.mkdir()
    with duckdb.connect() as database:
        database.execute(
            f"COPY (SELECT * FROM '{tmp_path}/*.{form}' WHERE workspace_id = '{workspace}')"  # noqa: S608
            f" TO '{own}/events.{form}'"
        )
    ends, why, late, delivered, cost = _answers(own, form)
    assert dict(ends) == {"accepted": 2, "suppressed": 1, "open": 1}
    assert [(row[2], row[3], row[4]) for row in why] == [("suppressed", "opted_out", 1)]
    assert late == [("confirmation", 2, 2.0, 3.0)]
    assert delivered == [("confirmation", 2, 1, 0)]
    assert cost == [(workspace, "2026-05-04", 3, 2)]  # both tries cost


@pytest.mark.parametrize("form", FORMS)
def test_files_of_different_days_are_of_one_type(tmp_path: Path, form: str) -> None:
    """A file in which no text was late or billed, beside one with both."""
    sys.path.insert(0, str(ROOT / "examples"))
    try:
        from follow import table, write  # noqa: PLC0415  an example is no package
    finally:
        sys.path.pop(0)
    payloads = [encode(one) for one in _day()]
    write(table(payloads[:1]), tmp_path / "first", form)
    write(table(payloads[1:]), tmp_path / "second", form)
    ends, _, late, _, cost = _answers(tmp_path, form)
    assert dict(ends) == {"accepted": 2, "suppressed": 1, "open": 1}
    assert late == [("confirmation", 2, 2.0, 3.0)]
    assert [row[2:] for row in cost] == [(3, 2)]


def test_a_repeat_is_once_in_a_file() -> None:
    sys.path.insert(0, str(ROOT / "examples"))
    try:
        from follow import COLUMNS, table  # noqa: PLC0415  an example is no package
    finally:
        sys.path.pop(0)
    rows = table([encode(one) for one in _day()])
    assert len(rows) == len(_day()) - 1
    assert set(COLUMNS) <= set(DeliveryEvent.__struct_fields__)
