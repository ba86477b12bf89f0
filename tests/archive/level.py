"""Records held against the topics: when they are level, and what a fold of the topics is."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from archive.process import keys_of
from archive.reading import KEPT, read
from records.engine import connect
from records.queries import next_offsets
from records.writes import write
from schemas.base import Message
from tests.records.desk import dump
from tests.system.deployment import Deployment

Ends = dict[tuple[str, int], int]


async def written_up(deployment: Deployment, timeout_s: float = 120) -> Ends:
    """The ends of the topics, once the records are level with them."""
    async with _consumer(deployment) as consumer:
        return await _level(deployment, consumer, timeout_s)


async def folded(deployment: Deployment, timeout_s: float = 120) -> tuple[dict[str, Any], Ends]:
    """A fold of all topics, and their ends, once the records are level with them."""
    async with _consumer(deployment) as consumer:
        ends = await _level(deployment, consumer, timeout_s)
        return await _fold(deployment, consumer, ends), ends


def rows(deployment: Deployment) -> dict[str, Any]:
    """All rows of the records."""
    engine = connect(deployment.config.records_url)
    with engine.connect() as connection:
        found = dump(connection, keys_of(deployment.config))
    engine.dispose()
    return _sorted(found)


def noted(deployment: Deployment) -> Ends:
    """How far the topics are written."""
    engine = connect(deployment.config.records_url)
    with engine.connect() as connection:
        found = next_offsets(connection)
    engine.dispose()
    return found


def _consumer(deployment: Deployment) -> AIOKafkaConsumer:
    return AIOKafkaConsumer(
        bootstrap_servers=deployment.env["KAFKA_BOOTSTRAP_SERVERS"], auto_offset_reset="earliest"
    )


async def _level(deployment: Deployment, consumer: AIOKafkaConsumer, timeout_s: float) -> Ends:
    places = [TopicPartition(topic, n) for topic in KEPT for n in range(deployment.config.partitions)]
    consumer.assign(places)
    ends: Ends = {}
    try:
        async with asyncio.timeout(timeout_s):
            while not ends or ends != noted(deployment):
                await asyncio.sleep(0.2)
                all_ends = await consumer.end_offsets(places)
                ends = {(tp.topic, tp.partition): end for tp, end in all_ends.items() if end}
    except TimeoutError:
        raise AssertionError(f"not level: {ends}\n{noted(deployment)}\n{deployment.tails()}") from None
    return ends


async def _fold(deployment: Deployment, consumer: AIOKafkaConsumer, ends: Ends) -> dict[str, Any]:
    messages: list[Message] = []
    await consumer.seek_to_beginning()
    left = dict(ends)
    while left:
        found = read(await consumer.getmany(timeout_ms=500), datetime.now(UTC))
        messages += found.messages
        for tp, end in found.ends.items():
            if left.get((tp.topic, tp.partition)) == end:
                del left[tp.topic, tp.partition]
    engine = connect("sqlite://")
    with engine.begin() as connection:
        write(connection, messages, keys_of(deployment.config))
        made = dump(connection, keys_of(deployment.config))
    engine.dispose()
    del made["offsets"]
    return _sorted(made)


def _sorted(found: dict[str, Any]) -> dict[str, Any]:
    """Databases order the same keys differently."""
    return {name: sorted(table, key=repr) for name, table in found.items()}
