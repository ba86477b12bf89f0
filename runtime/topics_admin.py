"""Makes and checks the topics of ``schemas.topics`` and the changelogs of the worker's tables."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import TopicAlreadyExistsError, for_code

from runtime.config import BadConfig, Config
from schemas.topics import BY_NAME, DAY_S, TABLES, TOPICS, Topic

COMPACTION_LAG_MS = 3_600_000
FOR_EVER_MS = -1
MESSAGE_BYTES_MAX = 1_048_588
"""Kafka's own default, written down so that a broker with another one differs in nothing."""
LOOK_AGAIN_S = 0.1


@dataclass(frozen=True)
class Wanted:
    """A topic as it should be."""

    name: str
    partitions: int
    replication: int
    configs: dict[str, str] = field(default_factory=dict)


def wanted(config: Config) -> list[Wanted]:
    """Every topic this deployment needs."""
    tables = [_changelog(config, table) for table in TABLES]
    return [_topic(config, topic) for topic in TOPICS] + tables


def changelog_name(app_id: str, table: str) -> str:
    """The changelog of a table, as Faust names it."""
    return f"{app_id}-{table}-changelog"


def kept_s(config: Config, topic: Topic) -> float | None:
    """How long a topic keeps its records, None for ever. Raises ``BadConfig`` for an unknown one."""
    ages = dict(
        part.strip().partition("=")[::2] for part in config.topics_kept_days.split(",") if part.strip()
    )
    if unknown := ages.keys() - BY_NAME.keys():
        raise BadConfig(f"TOPICS_KEPT_DAYS: no topic is named {', '.join(sorted(unknown))}")
    try:
        return float(ages[topic.name]) * DAY_S if topic.name in ages else topic.retention_s
    except ValueError:
        raise BadConfig(f"TOPICS_KEPT_DAYS: {topic.name}={ages[topic.name]!r} is no number of days") from None


def _topic(config: Config, topic: Topic) -> Wanted:
    age_s = kept_s(config, topic)
    kept_ms = FOR_EVER_MS if age_s is None else int(age_s * 1000)
    return _wanted(config, topic.name, topic.cleanup, kept_ms)


def _changelog(config: Config, table: str) -> Wanted:
    return _wanted(config, changelog_name(config.app_id, table), "compact", FOR_EVER_MS)


def _wanted(config: Config, name: str, cleanup: str, kept_ms: int) -> Wanted:
    configs = {
        "cleanup.policy": cleanup,
        "retention.ms": str(kept_ms),
        "min.insync.replicas": str(config.min_insync_replicas),
        "max.message.bytes": str(MESSAGE_BYTES_MAX),
    }
    if cleanup == "compact":
        configs["max.compaction.lag.ms"] = str(COMPACTION_LAG_MS)
    return Wanted(name, config.partitions, config.replication, configs)


async def ensure(config: Config) -> list[str]:
    """Make the topics that are missing; returns their names. Safe to run by several at once.

    Raises ``BadConfig`` if one differs, ``KafkaError`` if one can't be made, ``TimeoutError`` after
    ``topics_timeout_s``.
    """
    async with _admin(config) as admin:
        known = set(await admin.list_topics())
        missing = [topic for topic in wanted(config) if topic.name not in known]
        made = await _make(admin, missing) if missing else []
        await _seen(admin, {topic.name for topic in missing})
        differences = await _differences(admin, config)
    _refuse(differences)
    return made


async def _make(admin: AIOKafkaAdminClient, missing: list[Wanted]) -> list[str]:
    """Make topics; returns those that nobody else made meanwhile."""
    answer = await admin.create_topics(
        [NewTopic(t.name, t.partitions, t.replication, topic_configs=t.configs) for t in missing]
    )
    made = []
    for name, code, *told in answer.topic_errors:
        error = for_code(code)
        if code and error is not TopicAlreadyExistsError:
            raise error(f"{name}: {told[0] if told else ''}")
        made += [] if code else [name]
    return made


async def _seen(admin: AIOKafkaAdminClient, names: set[str]) -> None:
    """Return when the broker that answers knows these topics; a new topic takes a moment to spread."""
    while not names <= set(await admin.list_topics()):  # noqa: ASYNC110  brokers tell nobody
        await asyncio.sleep(LOOK_AGAIN_S)


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
    # asked for all topics: naming one that is missing makes a broker create it, with its own defaults
    described = {topic["topic"]: topic["partitions"] for topic in await admin.describe_topics()}
    topics = wanted(config)
    present = [topic for topic in topics if topic.name in described]
    found = [f"{topic.name} is missing" for topic in topics if topic.name not in described]
    for topic in present:
        found += _shape_differences(topic, described[topic.name])
    return found + await _config_differences(admin, present)


def _shape_differences(topic: Wanted, partitions: list[dict[str, Any]]) -> Iterator[str]:
    if len(partitions) != topic.partitions:
        yield f"{topic.name} has {len(partitions)} partitions, not {topic.partitions}"
    copies = min((len(partition["replicas"]) for partition in partitions), default=0)
    if copies < topic.replication:
        yield f"{topic.name} has {copies} copies, not {topic.replication}"


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
        bootstrap_servers=config.kafka_bootstrap_servers,
        request_timeout_ms=int(config.topics_timeout_s * 1000),
    )
    async with asyncio.timeout(config.topics_timeout_s):
        await admin.start()
        try:
            yield admin
        finally:
            await admin.close()
