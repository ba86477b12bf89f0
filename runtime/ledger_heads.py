"""The ends of the ledger's chains as the worker's table has them: a second witness beside the records."""

import asyncio

import msgspec
from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition

from runtime.config import Config
from runtime.topics_admin import changelog_name
from schemas.rows import LedgerHead

PREFIX = b"head|"


async def ledger_heads(config: Config) -> dict[int, LedgerHead]:
    """The heads by partition, read from the table's changelog to its end.

    Raises ``KafkaError`` or ``TimeoutError`` if Kafka is away.
    """
    consumer = AIOKafkaConsumer(
        bootstrap_servers=config.kafka_bootstrap_servers,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    async with asyncio.timeout(config.topics_timeout_s):
        try:
            await consumer.start()
            return await _read(consumer, config)
        finally:
            await consumer.stop()


async def _read(consumer: AIOKafkaConsumer, config: Config) -> dict[int, LedgerHead]:
    name = changelog_name(config.app_id, "ledger")
    places = [TopicPartition(name, n) for n in range(config.partitions)]
    consumer.assign(places)
    ends = await consumer.end_offsets(places)
    await consumer.seek_to_beginning()
    heads: dict[int, LedgerHead] = {}
    while any([await consumer.position(tp) < ends[tp] for tp in places]):
        for tp, records in (await consumer.getmany(timeout_ms=500)).items():
            for record in records:
                if record.value is not None and record.key.startswith(PREFIX):
                    heads[tp.partition] = msgspec.json.decode(record.value, type=LedgerHead)
    return heads
