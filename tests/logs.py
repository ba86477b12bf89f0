"""What stands on a topic now."""

from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition

from runtime.config import Config
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
