"""The archive process: topics into the records, offsets in the same transaction: exactly once there."""

import asyncio
import signal
from datetime import UTC, datetime

import msgspec
import structlog
from aiokafka import AIOKafkaConsumer
from aiokafka.structs import ConsumerRecord, TopicPartition
from sqlalchemy import Engine

from records.engine import connect
from records.queries import next_offsets
from records.writes import Writer
from runtime import logging as logs
from runtime import topics_admin
from runtime.config import Config
from runtime.dead_letters import dead_letter
from runtime.kafka import Publisher
from schemas.topics import DEAD_LETTERS, TOPICS, decode

log = structlog.get_logger()
KEPT = tuple(topic.name for topic in TOPICS if "archive" in topic.readers)
BATCH = 1000
Polled = dict[TopicPartition, list[ConsumerRecord]]


class Archive:
    """Reads every partition of every kept topic; one archive writes one database."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._link_key = config.link_secret.encode()
        self._engine: Engine = connect(config.records_url)
        self._publisher = Publisher(config)
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=config.kafka_bootstrap_servers,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Write until told to stop."""
        await self._publisher.start()
        await self._consumer.start()
        try:
            await self._assign()
            while not stop.is_set():
                polled = await self._consumer.getmany(timeout_ms=100, max_records=BATCH)
                if polled:
                    await self._write(polled)
        finally:
            await self._consumer.stop()
            await self._publisher.stop()
            self._engine.dispose()

    async def _assign(self) -> None:
        places = [TopicPartition(topic, n) for topic in KEPT for n in range(self._config.partitions)]
        self._consumer.assign(places)
        with self._engine.connect() as connection:
            written = next_offsets(connection)
        for tp in places:
            if (tp.topic, tp.partition) in written:
                self._consumer.seek(tp, written[tp.topic, tp.partition])
            else:
                await self._consumer.seek_to_beginning(tp)

    async def _write(self, polled: Polled) -> None:
        """Dead letters first: once the offsets are written, an unreadable record is not seen again."""
        now = datetime.now(UTC)
        unreadable = [
            dead_letter(record, reason, now)
            for records in polled.values()
            for record in records
            if (reason := unreadable_because(record)) and record.topic != DEAD_LETTERS.name
        ]
        if unreadable:
            await self._publisher.publish(unreadable)
        await asyncio.to_thread(self._transaction, polled)

    def _transaction(self, polled: Polled) -> None:
        with self._engine.begin() as connection:
            writer = Writer(connection, self._link_key)
            for tp, records in polled.items():
                for record in records:
                    if unreadable_because(record) is None and record.value is not None:
                        writer.write(decode(record.topic, record.value))
                writer.note_offset(tp.topic, tp.partition, records[-1].offset + 1)


def unreadable_because(record: ConsumerRecord) -> str | None:
    """Why a record can't be read; None if it can, or is a tombstone."""
    if record.value is None:
        return None
    try:
        decode(record.topic, record.value)
    except msgspec.DecodeError as error:
        return str(error)
    return None


async def serve(config: Config) -> None:
    """Run until SIGTERM or SIGINT."""
    await topics_admin.require(config)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await Archive(config).run(stop)


def main() -> None:
    """Start as the environment says."""
    logs.configure()
    asyncio.run(serve(Config.from_env()))


if __name__ == "__main__":
    main()
