"""The archive on real Kafka: killed at any moment, its rows are a fold of the topics."""

import asyncio
import itertools
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.reading import KEPT
from records import own_tables, tables
from records.engine import connect
from schemas.base import Message
from schemas.samples import samples
from tests.archive.level import folded, noted, rows, written_up
from tests.records.desk import delivery, event
from tests.records.postgres import Postgres
from tests.system.deployment import Deployment

TEXTS = 400
"""In a part; three records of each are more than one batch."""
KILLS = int(os.environ.get("REMINDERS_KILLS", "2"))
"""Besides those at the points before and after a commit."""
pytestmark = [pytest.mark.servers, pytest.mark.timeout(300 + 60 * KILLS)]
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


@pytest.fixture(params=["sqlite", "postgresql"])
def records(request: pytest.FixtureRequest, deployment: Deployment) -> str:
    """Both databases in turn, each empty."""
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        deployment.env["RECORDS_URL"] = server.new_database()
    return str(request.param)


async def test_killed_at_any_moment_its_rows_are_a_fold_of_the_topics(
    deployment: Deployment, records: str
) -> None:
    for topic in KEPT:
        await deployment.tell(*samples(topic).values())
    for part, point in enumerate(POINTS):
        await deployment.tell(*_lives(part))
        deployment.start("archive", REMINDERS_FAILPOINT=f"archive-{point}")
        assert deployment.running.pop("archive").wait(timeout=60) == 137, deployment.tails()
    parts = len(POINTS) + KILLS
    for part in range(len(POINTS), parts):
        loading = asyncio.create_task(_load(deployment, part))
        await _killed_while_it_writes(deployment, random.Random(part).uniform(0, 0.3))
        await loading
    await deployment.tell(*_lives(parts))
    deployment.start("archive")

    expected, ends = await folded(deployment)
    found = rows(deployment)
    assert {(topic, n): offset for topic, n, offset in found.pop("offsets")} == ends
    assert found == expected
    assert len(found["texts"]) == (parts + 1) * TEXTS + 1
    assert len([row for row in found["texts"] if "accepted" in row]) == (parts + 1) * TEXTS + 1
    readable = [topic for topic in KEPT if topic != "dead-letters"]
    letters = {row[:3] for row in found["dead_letters"]}
    assert len(letters) == len(readable) * KILLS * len(GARBAGE) + 1
    assert deployment.stop("archive") == 0


async def test_rebuilt_from_the_topics_its_rows_are_the_same(deployment: Deployment) -> None:
    """An archive that runs meanwhile ends; what people did, and no topic tells, stays."""
    for topic in KEPT:
        await deployment.tell(*samples(topic).values())
    await deployment.tell(*_lives(0))
    deployment.start("archive")
    await written_up(deployment)
    before = rows(deployment)
    assert len(before["texts"]) == TEXTS + 1
    assert before["erasures"] != []

    _lose_what_topics_tell(deployment)
    assert rows(deployment)["texts"] == []
    _run(deployment, "records", "rebuild", "--yes")
    await deployment.tell(*_lives(0)[:3])  # a repeat, so that the archive has something to write
    assert deployment.running.pop("archive").wait(timeout=60) == 1, deployment.tails()
    deployment.start("archive")
    await written_up(deployment)
    after = rows(deployment)
    del before["offsets"], after["offsets"]
    assert after == before


def _lose_what_topics_tell(deployment: Deployment) -> None:
    engine = connect(deployment.config.records_url)
    with engine.begin() as connection:
        for table in tables.metadata.sorted_tables:
            if not hasattr(own_tables, table.name) and table is not tables.offsets:
                connection.execute(table.delete())
    engine.dispose()


def _run(deployment: Deployment, *words: str) -> None:
    argv = [sys.executable, "-m", "cli.main", *words]
    subprocess.run(argv, env=deployment.env, check=True, timeout=60)


async def _load(deployment: Deployment, part: int) -> None:
    """More for each kill, in small pieces: some is always under way."""
    lives = _lives(part)
    garbage = [(topic, payload) for topic in KEPT for payload in GARBAGE]
    for n in range(10):
        await deployment.tell(*lives[n::10])
        await deployment.publish(*garbage[n::10])
        await asyncio.sleep(0.2)


async def _killed_while_it_writes(deployment: Deployment, after_s: float) -> None:
    before = noted(deployment)
    deployment.start("archive")
    async with asyncio.timeout(60):
        while noted(deployment) == before:  # noqa: ASYNC110  another process moves it
            await asyncio.sleep(0.02)
    await asyncio.sleep(after_s)
    deployment.kill("archive")


async def test_two_archives_never_both_write(deployment: Deployment) -> None:
    """Who finds that the other has written ends; of two that find it at once both do, and one begins anew."""
    deployment.start("archive-1", "archive-2")
    codes: list[int] = []
    async with asyncio.timeout(90):
        for part in itertools.count():
            await deployment.tell(*_lives(part)[:3])
            codes = [code for process in deployment.running.values() if (code := process.poll()) is not None]
            if codes:
                break
    assert set(codes) == {1}, deployment.tails()
    for name in list(deployment.running):
        deployment.kill(name)
    deployment.start("archive-3")
    expected, _ = await folded(deployment)
    found = rows(deployment)
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
