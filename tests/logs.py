"""Topics as tests see them: all that stands on one, bytes put there as they are, offsets forgotten."""

import asyncio
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import CommitFailedError
from aiokafka.structs import TopicPartition

from runtime.config import Config
from runtime.kafka import producer_settings
from schemas.topics import decode


async def messages(config: Config, topic: str) -> list[Any]:
    """Every message on a topic, partition by partition, each in its order."""
    consumer = AIOKafkaConsumer(bootstrap_servers=config.kafka_bootstrap_servers, enable_auto_commit=False)
    await consumer.start()
    try:
        places = [TopicPartition(topic, n) for n in range(config.partitions)]
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        ends = await consumer.end_offsets(places)
        found: list[Any] = []
        for place in places:
            while await consumer.position(place) < ends[place]:
                batch = await consumer.getmany(place, timeout_ms=500)
                found += [decode(topic, r.value) for r in batch.get(place, []) if r.value]
        return found
    finally:
        await consumer.stop()


async def publish_raw(config: Config, topic: str, places: list[tuple[int, bytes]]) -> None:
    """Put bytes into partitions."""
    producer = AIOKafkaProducer(**producer_settings(config))
    await producer.start()
    try:
        for partition, value in places:
            await producer.send_and_wait(topic, key=b"key", value=value, partition=partition)
    finally:
        await producer.stop()


async def rewind(config: Config, group: str, topic: str) -> None:
    """Let a group begin again at the start of a topic, once its members are gone or given up by Kafka."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=config.kafka_bootstrap_servers, group_id=group, enable_auto_commit=False
    )
    await consumer.start()
    try:
        places = [TopicPartition(topic, n) for n in range(config.partitions)]
        consumer.assign(places)
        await _commit_alone(consumer, dict.fromkeys(places, 0))
    finally:
        await consumer.stop()


async def _commit_alone(consumer: AIOKafkaConsumer, offsets: dict[TopicPartition, int]) -> None:
    """A killed member is in its group until its session is over; till then Kafka refuses."""
    for _ in range(60):
        try:
            return await consumer.commit(offsets)
        except CommitFailedError:
            await asyncio.sleep(0.5)
    raise AssertionError("the group still has members")
