"""The archive on real Kafka: killed at any moment, its rows are a fold of the topics."""

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from archive.process import KEPT, keys_of, read
from records.engine import connect
from records.queries import next_offsets
from records.writes import write
from schemas.base import Message
from schemas.samples import samples
from tests.records.desk import delivery, dump, event
from tests.system.deployment import Deployment

pytestmark = [pytest.mark.servers, pytest.mark.timeout(300)]
TEXTS = 500
POINTS = ("before-commit:1", "before-commit:2", "after-commit:1", "after-commit:2")
GARBAGE = [b"", b"{", b'{"type": "delivery", "text": 7}', b'{"type":"planned","text_id":"\xff"}', b"[" * 5000]


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    deployment = Deployment(tmp_path, RECORDS_KEPT_DAYS="")  # samples are older than some rows may be
    try:
        deployment.start_servers()
        yield deployment
    finally:
        deployment.end()


async def test_killed_at_any_moment_its_rows_are_a_fold_of_the_topics(deployment: Deployment) -> None:
    for topic in KEPT:
        await deployment.tell(*samples(topic).values())
    for part, point in enumerate(POINTS):
        await deployment.tell(*_lives(part))
        deployment.start("archive", REMINDERS_FAILPOINT=f"archive-{point}")
        assert deployment.running.pop("archive").wait(timeout=60) == 137, deployment.tails()
    for part in (4, 5, 6):
        deployment.start("archive")
        await deployment.tell(*_lives(part))
        await deployment.publish(*((topic, payload) for topic in KEPT for payload in GARBAGE))
        deployment.kill("archive")
    deployment.start("archive")

    expected, ends = await _written_up(deployment)
    found = _dump(deployment)
    assert {(topic, n): offset for topic, n, offset in found.pop("offsets")} == ends
    assert found == expected
    sent = [row for row in found["texts"] if "accepted" in row]
    assert len(found["texts"]) == 7 * TEXTS + 1
    assert len(sent) == 7 * TEXTS + 1
    readable = [topic for topic in KEPT if topic != "dead-letters"]
    letters = {row[:3] for row in found["dead_letters"]}
    assert len(letters) == len(readable) * 3 * len(GARBAGE) + 1
    assert deployment.stop("archive") == 0


async def test_of_two_archives_one_ends(deployment: Deployment) -> None:
    deployment.start("archive-1", "archive-2")
    codes: list[int | None] = []
    until = time.monotonic() + 90
    for part in range(200):
        await deployment.tell(*_lives(part)[:3])
        codes = [process.poll() for process in deployment.running.values()]
        if any(code is not None for code in codes) or time.monotonic() > until:
            break
    assert sorted(code for code in codes if code is not None) == [1], deployment.tails()
    expected, _ = await _written_up(deployment)
    found = _dump(deployment)
    del found["offsets"]
    assert found == expected


def _lives(part: int) -> list[Message]:
    """Texts that are planned, released and accepted."""
    found: list[Message] = []
    for n in range(TEXTS):
        name = f"{part}x{n}".translate(str.maketrans("0189", "abcd")).ljust(32, "z")
        found.append(event("planned", text_id=name))
        found.append(delivery(text_id=name, phone_ref=f"{part * TEXTS + n:032x}"))
        found.append(event("accepted", 2, text_id=name))
    return found


async def _written_up(deployment: Deployment) -> tuple[dict[str, Any], dict[tuple[str, int], int]]:
    """Wait until the records are level with the topics; returns a fold of all topics, and their ends."""
    places = [TopicPartition(topic, n) for topic in KEPT for n in range(deployment.config.partitions)]
    consumer = AIOKafkaConsumer(
        bootstrap_servers=deployment.env["KAFKA_BOOTSTRAP_SERVERS"], auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        consumer.assign(places)
        ends: dict[tuple[str, int], int] = {}
        async with asyncio.timeout(120):
            while not ends or ends != _noted(deployment):
                await asyncio.sleep(0.2)
                all_ends = await consumer.end_offsets(places)
                ends = {(tp.topic, tp.partition): end for tp, end in all_ends.items() if end}
        return await _fold(deployment, consumer, ends), ends
    except TimeoutError:
        raise AssertionError(f"not level: {ends}\n{_noted(deployment)}\n{deployment.tails()}") from None
    finally:
        await consumer.stop()


async def _fold(
    deployment: Deployment, consumer: AIOKafkaConsumer, ends: dict[tuple[str, int], int]
) -> dict[str, Any]:
    messages: list[Message] = []
    await consumer.seek_to_beginning()
    left = dict(ends)
    while left:
        polled = await consumer.getmany(timeout_ms=500)
        found = read(polled, datetime.now(UTC))
        messages += found.messages
        for tp, end in found.ends.items():
            if left.get((tp.topic, tp.partition)) == end:
                del left[tp.topic, tp.partition]
    engine = connect("sqlite://")
    with engine.begin() as connection:
        write(connection, messages, keys_of(deployment.config))
        rows = dump(connection, keys_of(deployment.config))
    engine.dispose()
    del rows["offsets"]
    return rows


def _noted(deployment: Deployment) -> dict[tuple[str, int], int]:
    engine = connect(deployment.config.records_url)
    with engine.connect() as connection:
        noted = next_offsets(connection)
    engine.dispose()
    return noted


def _dump(deployment: Deployment) -> dict[str, Any]:
    engine = connect(deployment.config.records_url)
    with engine.connect() as connection:
        rows = dump(connection, keys_of(deployment.config))
    engine.dispose()
    return rows
