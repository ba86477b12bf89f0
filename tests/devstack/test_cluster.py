"""Three brokers: every topic survives the loss of one of them."""

from collections.abc import Iterator
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from devstack import Addresses, Stack

pytestmark = [pytest.mark.servers, pytest.mark.timeout(180)]


@pytest.fixture
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    stack = Stack(tmp_path_factory.mktemp("cluster"), brokers=3, valkey=False, environ={})
    try:
        yield stack
    finally:
        stack.stop()


async def partitions(addresses: Addresses, topic: str) -> list[dict[str, Any]]:
    admin = AIOKafkaAdminClient(bootstrap_servers=addresses.kafka)
    await admin.start()
    try:
        [told] = await admin.describe_topics([topic])
    finally:
        await admin.close()
    return list(told["partitions"])


async def create(addresses: Addresses, topic: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=addresses.kafka)
    await admin.start()
    await admin.create_topics([NewTopic(topic, 1, 3, topic_configs={"min.insync.replicas": "2"})])
    await admin.close()


async def read(addresses: Addresses, topic: str, count: int) -> list[bytes | None]:
    """So many records, through a consumer group, so that its coordinator must live too."""
    async with AIOKafkaConsumer(
        topic, bootstrap_servers=addresses.kafka, group_id="reader", auto_offset_reset="earliest"
    ) as consumer:
        return [(await consumer.getone()).value for _ in range(count)]


async def test_a_killed_leader_stops_nothing(cluster: Stack) -> None:
    addresses = cluster.start()
    assert len(addresses.kafka.split(",")) == 3
    assert [server.name for server in cluster.status()] == ["kafka-1", "kafka-2", "kafka-3"]
    await create(addresses, "orders")
    async with AIOKafkaProducer(bootstrap_servers=addresses.kafka, enable_idempotence=True) as producer:
        await producer.send_and_wait("orders", b"before")
        assert await read(addresses, "orders", 1) == [b"before"]
        assert all(len(one["replicas"]) == 3 for one in await partitions(addresses, "__consumer_offsets"))
        [orders] = await partitions(addresses, "orders")
        leader = orders["leader"]
        cluster.kill_broker(leader)
        await producer.send_and_wait("orders", b"after")
    [orders] = await partitions(addresses, "orders")
    assert orders["leader"] != leader
    cluster.start_broker(leader)
    assert all(server.running for server in cluster.status())
