"""The Kafka consumers of a sender, and committing what they read."""

from collections.abc import Iterable

import structlog
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import IllegalStateError, KafkaError
from aiokafka.structs import TopicPartition

from runtime.config import Config

log = structlog.get_logger()


def consumers(config: Config) -> tuple[AIOKafkaConsumer, AIOKafkaConsumer, AIOKafkaConsumer]:
    """Of deliveries (in a group), of the topics beside them, and of reports; the last two only commit."""
    common = {
        "bootstrap_servers": config.kafka_bootstrap_servers,
        "enable_auto_commit": False,
        "auto_offset_reset": "earliest",
    }
    deliveries = AIOKafkaConsumer(
        **common,
        group_id=f"{config.app_id}-sender",
        session_timeout_ms=int(config.session_timeout_s * 1000),
        heartbeat_interval_ms=int(config.session_timeout_s * 1000 / 5),
        rebalance_timeout_ms=int(config.rebalance_timeout_s * 1000),
    )
    beside = AIOKafkaConsumer(**common, group_id=f"{config.app_id}-projector")
    reports = AIOKafkaConsumer(**common, group_id=f"{config.app_id}-reports")
    return deliveries, beside, reports


async def commit_to(consumer: AIOKafkaConsumer, offsets: dict[TopicPartition, int]) -> None:
    """Commit if we may; what is not committed is read again, which does no harm."""
    try:
        if offsets:
            await consumer.commit(offsets)
    except (KafkaError, IllegalStateError) as error:
        log.info("not_committed", error=type(error).__name__)


def places(topics: Iterable[str], numbers: Iterable[int]) -> list[TopicPartition]:
    """These partitions of each topic."""
    return [TopicPartition(topic, n) for topic in topics for n in numbers]
