"""What would be sent if a topic were read again, beside what is sent in any case."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from aiokafka import TopicPartition

from agents.replay import replayed
from agents.tables import Tables
from cli.replay_reading import Kafka, Span, messages
from runtime.config import Config
from schemas.deliveries import Delivery
from schemas.topics import SMS_DELIVERIES
from sender.foreseen import foreseen
from streams.topology import FLOWS

Spans = dict[TopicPartition, Span]


@dataclass(frozen=True)
class Going:
    """A text that would be sent: in any case, only with the replay, or (``lost``) only without it."""

    delivery: Delivery
    why: Literal["anyway", "replay", "lost"]


@dataclass(frozen=True)
class Found:
    """What a replay of ``topic`` reads, which texts go, how many records would be dead letters."""

    topic: str
    spans: Spans
    goings: list[Going]
    refused: int

    @property
    def again(self) -> int:
        """How many records are handled once more."""
        return sum(span.again for span in self.spans.values())


def group_of(config: Config, topic: str) -> str:
    """The consumer group that reads a topic for the pipeline."""
    return f"{config.app_id}-sender" if topic == SMS_DELIVERIES.name else config.app_id


async def look(config: Config, topic: str, since: datetime | None, now: datetime) -> Found:
    """See what a replay from a time (None: the beginning) would do. Raises ``Running``, a ``KafkaError``."""
    async with Kafka(config) as kafka:
        await kafka.require_nobody([config.app_id, group_of(config, SMS_DELIVERIES.name)])
        read_by = [*(flow.topic.name for flow in FLOWS), SMS_DELIVERIES.name]
        spans = {name: await kafka.spans(name, group_of(config, name), None) for name in read_by}
        wanted = await kafka.spans(topic, group_of(config, topic), since)
        tables = await kafka.tables()
        without, _ = await _sent(kafka, config, tables, _starts(spans), now)
        again = {tp: min(span.first, span.next) for tp, span in wanted.items()}
        with_it, refused = await _sent(kafka, config, tables, _starts(spans) | {topic: again}, now)
    return Found(topic, wanted, _compared(without, with_it), refused)


def _starts(spans: dict[str, Spans]) -> dict[str, dict[TopicPartition, int]]:
    return {name: {tp: span.next for tp, span in of.items()} for name, of in spans.items()}


async def _sent(
    kafka: Kafka,
    config: Config,
    tables: Tables,
    starts: dict[str, dict[TopicPartition, int]],
    now: datetime,
) -> tuple[list[Delivery], int]:
    """The texts that go if readers go on from there; and how many records they would refuse."""
    inputs = [await kafka.records(starts[flow.topic.name]) for flow in FLOWS]
    records, unreadable = messages([record for of_topic in inputs for record in of_topic])
    outcome = replayed(tables, records, config.policy(), now)
    partition = await kafka.before_sender(starts[SMS_DELIVERIES.name], now)
    return foreseen(partition, outcome.told, now), unreadable + outcome.refused


def _compared(without: list[Delivery], with_it: list[Delivery]) -> list[Going]:
    both = {_name(delivery) for delivery in without} & {_name(delivery) for delivery in with_it}
    found = [Going(d, "anyway" if _name(d) in both else "replay") for d in with_it]
    found += [Going(d, "lost") for d in without if _name(d) not in both]
    return sorted(found, key=lambda going: going.delivery.released_at)


def _name(delivery: Delivery) -> tuple[str, int]:
    return delivery.text.text_id, delivery.text.plan_version
