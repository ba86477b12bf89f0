"""Offsets set back, so that workers or senders read a topic again."""

from aiokafka import AIOKafkaConsumer

from cli.replay_looking import Found
from runtime.config import Config
from schemas.topics import SMS_DELIVERIES, TABLES
from streams.lane.rebuild import Rebuild
from streams.topology import FLOWS


async def set_back(config: Config, found: Found) -> None:
    """Let the topic be read again from where its spans begin; no partition is ever set forward.

    Raises ``LaneError`` while workers run, or a ``KafkaError``.
    """
    places = {tp: span.first for tp, span in found.spans.items() if span.again}
    if found.topic != SMS_DELIVERIES.name:
        sources = {flow.topic.name for flow in FLOWS}
        servers = config.kafka_bootstrap_servers
        async with Rebuild(servers, config.app_id, sources=sources, tables=TABLES) as rebuilding:
            await rebuilding.set_back(places)
        return
    consumer = AIOKafkaConsumer(
        bootstrap_servers=config.kafka_bootstrap_servers, group_id=found.group, enable_auto_commit=False
    )
    await consumer.start()
    try:
        consumer.assign(list(places))
        await consumer.commit(places)
    finally:
        await consumer.stop()
