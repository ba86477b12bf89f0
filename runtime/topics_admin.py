"""Makes and checks the topics of ``schemas.topics`` and the changelogs of the worker's tables."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from runtime.config import BadConfig, Config
from schemas.topics import TABLES, TOPICS, Topic

COMPACTION_LAG_MS = 3_600_000
FOR_EVER_MS = -1
TIMEOUT_S = 30.0


@dataclass(frozen=True)
class Wanted:
    """A topic as it should be."""

    name: str
    partitions: int
    configs: dict[str, str] = field(default_factory=dict)


def wanted(config: Config) -> list[Wanted]:
    """Every topic this deployment needs."""
    tables = [_changelog(config, table) for table in TABLES]
    return [_topic(config, topic) for topic in TOPICS] + tables


def changelog_name(app_id: str, table: str) -> str:
    """The changelog of a table, as Faust names it."""
    return f"{app_id}-{table}-changelog"


def _topic(config: Config, topic: Topic) -> Wanted:
    configs = {
        "cleanup.policy": topic.cleanup,
        "retention.ms": str(FOR_EVER_MS if topic.retention_s is None else topic.retention_s * 1000),
        "min.insync.replicas": str(config.min_insync_replicas),
    }
    if topic.cleanup == "compact":
        configs["max.compaction.lag.ms"] = str(COMPACTION_LAG_MS)
    return Wanted(topic.name, config.partitions, configs)


def _changelog(config: Config, table: str) -> Wanted:
    configs = {
        "cleanup.policy": "compact",
        "max.compaction.lag.ms": str(COMPACTION_LAG_MS),
        "min.insync.replicas": str(config.min_insync_replicas),
    }
    return Wanted(changelog_name(config.app_id, table), config.partitions, configs)


async def ensure(config: Config) -> list[str]:
    """Make the topics that are missing; returns their names. Raises ``BadConfig`` if one differs."""
    async with _admin(config) as admin:
        known = set(await admin.list_topics())
        missing = [topic for topic in wanted(config) if topic.name not in known]
        if missing:
            await admin.create_topics(
                [NewTopic(t.name, t.partitions, config.replication, topic_configs=t.configs) for t in missing]
            )
        differences = await _differences(admin, config)
    _refuse(differences)
    return [topic.name for topic in missing]


async def check(config: Config) -> list[str]:
    """What differs from what should be: one sentence each; empty if nothing does."""
    async with _admin(config) as admin:
        return await _differences(admin, config)


async def require(config: Config) -> None:
    """Raise ``BadConfig`` with the differences, if there are any: no process starts on wrong topics."""
    _refuse(await check(config))


def _refuse(differences: list[str]) -> None:
    if differences:
        raise BadConfig("topics differ: " + "; ".join(differences) + ". See: reminders topics --check")


async def _differences(admin: AIOKafkaAdminClient, config: Config) -> list[str]:
    topics = wanted(config)
    described = {t["topic"]: t for t in await admin.describe_topics([topic.name for topic in topics])}
    found = []
    for topic in topics:
        partitions = described.get(topic.name, {}).get("partitions") or []
        if not partitions:
            found.append(f"{topic.name} is missing")
        elif len(partitions) != topic.partitions:
            found.append(f"{topic.name} has {len(partitions)} partitions, not {topic.partitions}")
    present = [topic for topic in topics if described.get(topic.name, {}).get("partitions")]
    return found + await _config_differences(admin, present)


async def _config_differences(admin: AIOKafkaAdminClient, topics: list[Wanted]) -> list[str]:
    resources = [ConfigResource(ConfigResourceType.TOPIC, topic.name) for topic in topics]
    answers = await admin.describe_configs(resources)
    real = {
        resource[3]: {entry[0]: entry[1] for entry in resource[4]}
        for answer in answers
        for resource in answer.resources
    }
    return [
        f"{topic.name} has {name}={real.get(topic.name, {}).get(name)}, not {value}"
        for topic in topics
        for name, value in topic.configs.items()
        if real.get(topic.name, {}).get(name) != value
    ]


@asynccontextmanager
async def _admin(config: Config) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(
        bootstrap_servers=config.kafka_bootstrap_servers, request_timeout_ms=int(TIMEOUT_S * 1000)
    )
    async with asyncio.timeout(TIMEOUT_S):
        await admin.start()
        try:
            yield admin
        finally:
            await admin.close()
