"""`reminders erase` on a running system: nothing of the person is left, the opt-out holds."""

import asyncio
import contextlib
import json
import shutil
import subprocess
import sys
from typing import Any

import httpx
import pytest
from redis import Redis
from sqlalchemy import MetaData, select

from devstack import ports
from records.engine import connect
from rules.ids import phone_ref
from schemas.delivery_events import DeliveryEvent
from schemas.ledger import LedgerEntry
from tests.archive.level import written_up
from tests.stored_files import files_with
from tests.system.compaction import compact_as_wanted, compact_at_once, compacted, topics_on_disk_with
from tests.system.deployment import Deployment, booking, consent, setting

pytestmark = [pytest.mark.servers, pytest.mark.timeout(300)]
PHONE, OTHER = "+13308235511", "+13308235512"
CANARY = "Canary Lane 77"


async def test_nothing_of_the_person_is_left(deployment: Deployment) -> None:
    archive, worker = ports.choose(2)
    deployment.env |= {"ARCHIVE_METRICS_PORT": str(archive), "WORKER_METRICS_PORT": str(worker)}
    deployment.env["STORE"] = "rocksdb"
    deployment.start("simulator", "gateway", "worker", "sender", "archive")
    deployment.wait_ready()
    await deployment.publish(
        ("settings-changes", setting("sms_enabled", True)),
        ("consent-changes", consent("b1", PHONE)),
        ("consent-changes", consent("b2", OTHER)),
        ("booking-events", booking("b1", PHONE, starts_in_s=7200, place=CANARY)),
        ("booking-events", booking("b2", OTHER, starts_in_s=7200)),
    )
    await deployment.read("delivery-events", until=lambda seen: _accepted(seen) >= 2)
    await deployment.replies(PHONE, "STOP")
    await deployment.read("consent-ledger", until=lambda seen: "stop_effective" in _facts(seen))
    await written_up(deployment)  # all processes run, and have seen topics as they should be
    await compact_at_once(deployment)
    assert {"booking-inputs", "bookings-changelog"} <= topics_on_disk_with(deployment, PHONE)

    proof = json.loads(_run(deployment, "erase", PHONE, "--reason", "asked by letter", "--yes"))
    assert proof["phone_refs"] == [_ref(deployment, PHONE)]
    assert proof["events"] == ["acme/b1"]
    assert proof["tables"]["done"]
    assert proof["records"]["done"]
    assert proof["records"]["rows_changed"] > 0
    assert "sms-deliveries" in proof["topics_cleared_by_retention"]

    for name, content in (("records", _records(deployment)), ("Valkey", _valkey(deployment))):
        assert not [one for one in (PHONE, PHONE[2:], CANARY) if one in content], name
    assert OTHER in _records(deployment), "another person's data stays"
    await compacted(deployment, PHONE, CANARY)
    await _tables_read_anew(deployment, proof["worker_stores"]["how"])
    changed = await deployment.read("consent-ledger", until=lambda seen: "consent_ended" in _facts(seen))
    assert PHONE not in str(changed)
    assert "The ledger is sound" in _run(deployment, "ledger", "verify")

    await deployment.publish(
        ("consent-changes", consent("b3", PHONE)),
        ("booking-events", booking("b3", PHONE, starts_in_s=7200)),
        ("consent-changes", consent("b4", OTHER, person_id="person-b4")),
        ("booking-events", booking("b4", OTHER, starts_in_s=7200)),
    )
    seen = await deployment.read("delivery-events", until=lambda seen: _accepted(seen) >= 3)
    assert "b3" not in {event.event_id for event in seen if event.state == "accepted"}, "STOP still holds"


async def _tables_read_anew(deployment: Deployment, how: str) -> None:
    """What the proof record says of the worker's files, done; its time has passed with the compaction.

    That wrote behind every partition, also behind those that stay silent.
    """
    data, aside = deployment.folder / "data" / "worker", deployment.folder / "aside"
    assert "bookings-" in str(files_with(PHONE.encode(), data, aside)), "it is there before"
    assert "delete the folder worker/v1/tables in its DATA_DIR" in how
    await compact_as_wanted(deployment)
    deployment.stop("worker")
    shutil.rmtree(data / "worker" / "v1" / "tables")
    deployment.start("worker")
    await _ready(deployment)
    assert files_with(OTHER.encode(), data, aside), "another person's data stays"
    for words in (PHONE, PHONE[2:], CANARY):
        assert files_with(words.encode(), data, aside) == set()


async def _ready(deployment: Deployment) -> None:
    """The worker has read its changelogs and its inputs."""
    url = f"http://127.0.0.1:{deployment.env['WORKER_METRICS_PORT']}/ready"
    async with asyncio.timeout(120), httpx.AsyncClient() as web:
        while True:
            with contextlib.suppress(httpx.HTTPError):
                if (await web.get(url)).is_success:
                    return
            await asyncio.sleep(0.5)


def _accepted(seen: list[Any]) -> int:
    return sum(isinstance(e, DeliveryEvent) and e.state == "accepted" and e.kind != "reply" for e in seen)


def _facts(seen: list[Any]) -> set[str]:
    return {entry.fact.kind for entry in seen if isinstance(entry, LedgerEntry)}


def _ref(deployment: Deployment, phone: str) -> str:
    return phone_ref(deployment.config.reference_secret.encode(), phone)


def _run(deployment: Deployment, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", *words],
        env=deployment.env,
        cwd=deployment.folder,  # away from what a demo in this checkout left behind
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}\n{deployment.tails()}"
    return done.stdout


def _records(deployment: Deployment) -> str:
    """Every value of every table, and the bytes of the files, the write-ahead log's too."""
    engine = connect(deployment.config.records_url)
    metadata = MetaData()
    metadata.reflect(engine)
    with engine.connect() as connection:
        rows = [str(tuple(row)) for t in metadata.sorted_tables for row in connection.execute(select(t))]
    engine.dispose()
    files = [file.read_bytes().decode("latin-1") for file in deployment.folder.glob("records.sqlite*")]
    assert len(files) == 3, "the file, its log and its index"
    return "\n".join([*rows, *files])


def _valkey(deployment: Deployment) -> str:
    redis = Redis.from_url(deployment.env["REDIS_URL"])
    try:
        return str([(key, redis.dump(key)) for key in redis.scan_iter()])
    finally:
        redis.close()
