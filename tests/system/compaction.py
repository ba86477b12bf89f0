"""What takes Kafka an hour, at once: segments end and are compacted; a search of the broker's files."""

import asyncio
import contextlib

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from runtime import topics_admin
from runtime.topics_admin import Wanted
from schemas.topics import TOPICS
from tests.system.deployment import Deployment


def _compacted_topics(deployment: Deployment) -> list[Wanted]:
    """Those that may hold personal data."""
    harmless = {topic.name for topic in TOPICS if not topic.personal}
    wanted = topics_admin.wanted(deployment.config)
    return [t for t in wanted if t.configs["cleanup.policy"] == "compact" and t.name not in harmless]


async def compact_at_once(deployment: Deployment) -> None:
    """What takes Kafka an hour, in a second: segments end, and are compacted, at once."""
    soon = {"segment.ms": "200", "max.compaction.lag.ms": "200", "min.cleanable.dirty.ratio": "0.001"}
    await _configure(deployment, soon | {"delete.retention.ms": "0", "file.delete.delay.ms": "100"})


async def compact_as_wanted(deployment: Deployment) -> None:
    """Topics as they should be again: no process starts while one differs."""
    await _configure(deployment, {})


async def _configure(deployment: Deployment, changes: dict[str, str]) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=deployment.env["KAFKA_BOOTSTRAP_SERVERS"])
    await admin.start()
    try:
        for topic in _compacted_topics(deployment):
            changed = {**topic.configs, **changes}
            await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic.name, changed)])
    finally:
        await admin.close()


async def compacted(deployment: Deployment, *words: str) -> None:
    """No file of a compacted topic holds it any more; a segment ends when something is written behind it."""
    allowed = {topic.name for topic in TOPICS if topic.personal and topic.cleanup == "delete"}
    left: set[str] = set()
    for n in range(60):
        await _write_behind(deployment, n)
        left = set().union(*(topics_on_disk_with(deployment, one) for one in words))
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


def topics_on_disk_with(deployment: Deployment, words: str) -> set[str]:
    """The topics in whose files on the broker's disk the words stand; changelogs by their table."""
    found: set[str] = set()
    for file in deployment.stack.directory.glob("data/kafka-1/**/*.log*"):
        with contextlib.suppress(FileNotFoundError):  # compacted meanwhile
            if words.encode() in file.read_bytes():
                topic, _, _ = file.parent.name.rpartition("-")
                found.add(topic.removeprefix(f"{deployment.config.app_id}-"))
    return found
