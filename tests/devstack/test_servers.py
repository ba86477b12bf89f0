"""The shared servers of a test run serve real clients."""

import pytest
import redis
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

pytestmark = pytest.mark.servers


async def test_kafka_gives_back_what_it_was_given(kafka: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    await admin.create_topics([NewTopic("devstack-echo", num_partitions=1, replication_factor=1)])
    await admin.close()
    async with AIOKafkaProducer(bootstrap_servers=kafka, acks="all") as producer:
        await producer.send_and_wait("devstack-echo", b"hello")
    async with AIOKafkaConsumer(
        "devstack-echo", bootstrap_servers=kafka, group_id="devstack", auto_offset_reset="earliest"
    ) as consumer:
        assert (await consumer.getone()).value == b"hello"


def test_valkey_gives_back_what_it_was_given(valkey: str) -> None:
    with redis.Redis.from_url(valkey) as client:
        client.set("devstack", "hello")
        assert client.get("devstack") == b"hello"
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert client.config_get("appendonly") == {"appendonly": "yes"}
