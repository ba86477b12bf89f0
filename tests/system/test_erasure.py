"""`reminders erase` on a running system: nothing of the person is left, the opt-out holds."""

import asyncio
import contextlib
import json
import subprocess
import sys
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from redis import Redis
from sqlalchemy import MetaData, select

from devstack import ports
from records.engine import connect
from rules.ids import phone_ref
from runtime import topics_admin
from runtime.topics_admin import Wanted
from schemas.delivery_events import DeliveryEvent
from schemas.ledger import LedgerEntry
from schemas.topics import TOPICS
from tests.archive.level import written_up
from tests.system.deployment import Deployment, booking, consent, setting

pytestmark = [pytest.mark.servers, pytest.mark.timeout(300)]
PHONE, OTHER = "+13308235511", "+13308235512"
CANARY = "Canary Lane 77"


async def test_nothing_of_the_person_is_left(deployment: Deployment) -> None:
    [port] = ports.choose(1)
    deployment.env["ARCHIVE_METRICS_PORT"] = str(port)
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
    await _compact_at_once(deployment)
    assert {"booking-inputs", "bookings-changelog"} <= _topics_on_disk_with(deployment, PHONE)

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
    await _compacted(deployment)
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


def _compacted_topics(deployment: Deployment) -> list[Wanted]:
    """Those that may hold personal data."""
    harmless = {topic.name for topic in TOPICS if not topic.personal}
    wanted = topics_admin.wanted(deployment.config)
    return [t for t in wanted if t.configs["cleanup.policy"] == "compact" and t.name not in harmless]


async def _compact_at_once(deployment: Deployment) -> None:
    """What takes Kafka an hour, in a second: segments end, and are compacted, at once."""
    soon = {"segment.ms": "200", "max.compaction.lag.ms": "200", "min.cleanable.dirty.ratio": "0.001"}
    soon |= {"delete.retention.ms": "0", "file.delete.delay.ms": "100"}
    admin = AIOKafkaAdminClient(bootstrap_servers=deployment.env["KAFKA_BOOTSTRAP_SERVERS"])
    await admin.start()
    try:
        for topic in _compacted_topics(deployment):
            changed = {**topic.configs, **soon}
            await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic.name, changed)])
    finally:
        await admin.close()


async def _compacted(deployment: Deployment) -> None:
    """No file of a compacted topic holds it any more; a segment ends when something is written behind it."""
    allowed = {topic.name for topic in TOPICS if topic.personal and topic.cleanup == "delete"}
    left: set[str] = set()
    for n in range(60):
        await _write_behind(deployment, n)
        left = _topics_on_disk_with(deployment, PHONE) | _topics_on_disk_with(deployment, CANARY)
        if left <= allowed:
            return
        await asyncio.sleep(1)
    raise AssertionError(f"still on the broker's disk: {sorted(left - allowed)}")


async def _write_behind(deployment: Deployment, n: int) -> None:
    """A row that nobody reads at the end of each partition of each compacted topic."""
    producer = AIOKafkaProducer(bootstrap_servers=deployment.env["KAFKA_BOOTSTRAP_SERVERS"])
    await producer.start()
    try:
        for topic in _compacted_topics(deployment):
            for partition in range(topic.partitions):
                await producer.send(topic.name, None, key=b"behind-%d" % n, partition=partition)
        await producer.flush()
    finally:
        await producer.stop()


def _topics_on_disk_with(deployment: Deployment, words: str) -> set[str]:
    """The topics in whose files on the broker's disk the words stand; changelogs by their table."""
    found: set[str] = set()
    for file in deployment.stack.directory.glob("data/kafka-1/**/*.log*"):
        with contextlib.suppress(FileNotFoundError):  # compacted meanwhile
            if words.encode() in file.read_bytes():
                topic, _, _ = file.parent.name.rpartition("-")
                found.add(topic.removeprefix(f"{deployment.config.app_id}-"))
    return found


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
