"""Topics are made once, checked at every start, and never silently changed."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import InvalidReplicationFactorError

from devstack import Stack
from runtime import topics_admin
from runtime.config import BadConfig, Config
from schemas.topics import TABLES, TOPICS

SPOILT = {
    "phone-states has cleanup.policy=delete, not compact",
    "sms-journal has retention.ms=1000, not 2592000000",
}
DAY_MS = 86_400_000
pytestmark = pytest.mark.servers


@pytest.fixture
def config(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Config]:
    """A Kafka of its own, since these tests spoil topics."""
    stack = Stack(tmp_path_factory.mktemp("kafka"), valkey=False, environ={})
    try:
        yield Config(
            kafka_bootstrap_servers=stack.start().kafka,
            partitions=3,
            topics_kept_days="booking-events=14, notices=0.5",
        )
    finally:
        stack.stop(wipe=True)


async def test_makes_and_checks(config: Config) -> None:
    before = await topics_admin.check(config)
    assert len(before) == len(TOPICS) + len(TABLES)
    assert all(difference.endswith(" is missing") for difference in before)
    with pytest.raises(BadConfig, match="bookings is missing"):
        await topics_admin.require(config)
    assert await _names(config) == set(), "looking made a topic"

    first, second = await asyncio.gather(topics_admin.ensure(config), topics_admin.ensure(config))
    assert sorted(first + second) == sorted(topic.name for topic in topics_admin.wanted(config))
    assert await topics_admin.ensure(config) == []
    await topics_admin.require(config)

    kept = await _kept_ms(config, "booking-events", "notices", "sms-deliveries", "consent-ledger")
    assert kept == [14 * DAY_MS, DAY_MS // 2, 30 * DAY_MS, -1]
    longer = replace(config, topics_kept_days="booking-events=15, notices=0.5")
    assert await topics_admin.check(longer) == [
        f"booking-events has retention.ms={14 * DAY_MS}, not {15 * DAY_MS}"
    ]

    assert "sms-journal has 3 partitions, not 5" in await topics_admin.check(replace(config, partitions=5))
    assert "sms-journal has 1 copies, not 3" in await topics_admin.check(replace(config, replication=3))
    await _alter(config, "phone-states", {"cleanup.policy": "delete"})
    await _alter(config, "sms-journal", {"retention.ms": "1000"})
    found: set[str] = set()
    async with asyncio.timeout(20):
        while not found >= SPOILT:
            found = set(await topics_admin.check(config))
    with pytest.raises(BadConfig, match=r"phone-states has cleanup\.policy=delete"):
        await topics_admin.ensure(config)


async def test_refuses_what_another_made_otherwise(config: Config) -> None:
    async with _admin(config) as admin:
        await admin.create_topics([NewTopic("bookings", 2, 1)])
    with pytest.raises(BadConfig, match="bookings has 2 partitions, not 3"):
        await topics_admin.ensure(config)


async def test_says_what_kafka_refuses(config: Config) -> None:
    with pytest.raises(InvalidReplicationFactorError, match="booking-events"):
        await topics_admin.ensure(replace(config, replication=3))


@asynccontextmanager
async def _admin(config: Config) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=config.kafka_bootstrap_servers)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


async def _names(config: Config) -> set[str]:
    async with _admin(config) as admin:
        return {name for name in await admin.list_topics() if not name.startswith("__")}


async def _kept_ms(config: Config, *topics: str) -> list[int]:
    """How long Kafka itself says that it keeps these topics."""
    async with _admin(config) as admin:
        asked = [ConfigResource(ConfigResourceType.TOPIC, topic) for topic in topics]
        answers = await admin.describe_configs(asked)
    found = {
        resource[3]: next(entry[1] for entry in resource[4] if entry[0] == "retention.ms")
        for answer in answers
        for resource in answer.resources
    }
    return [int(found[topic]) for topic in topics]


async def _alter(config: Config, topic: str, configs: dict[str, str]) -> None:
    async with _admin(config) as admin:
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs)])
