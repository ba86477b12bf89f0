"""The archive process: topics into the records, offsets in the same transaction: exactly once there."""

import asyncio
import signal
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError
from aiokafka.structs import TopicPartition
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from archive import metrics
from archive.reading import KEPT, Read, read
from records.engine import connect
from records.queries import next_offsets
from records.retention import close_evidence, expire, read_ages
from records.seals import Keys
from records.standing import capacity, coming, standing_now
from records.writes import Overtaken, note_offset, write
from runtime import logging as logs
from runtime import topics_admin
from runtime.config import BadConfig, Config
from runtime.failpoints import passing
from runtime.kafka import Publisher
from runtime.observing import observed
from runtime.watch import watching

log = structlog.get_logger()
BATCH = 1000
GATHER_S = 0.1
"""So long records gather before the next transaction, unless there are plenty: each costs a sync to disk."""
AHEAD = timedelta(days=1)


class Archive:
    """Reads every partition of every kept topic; one archive writes one database."""

    def __init__(self, config: Config, now: Callable[[], datetime]) -> None:
        self._config, self._now = config, now
        self._keys = keys_of(config)
        self._ages = ages_of(config)
        self._tidy_at = self._look_at = now()
        self._follows = False
        self._engine: Engine = connect(config.records_url)
        self._written: dict[tuple[str, int], int] = {}
        self._publisher = Publisher(config)
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=config.kafka_bootstrap_servers,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Write until told to stop. Raises ``Overtaken`` if another archive writes to the same records."""
        await self._publisher.start()
        await self._consumer.start()
        try:
            while not stop.is_set():
                try:
                    await self._assign()
                    self._follows = True
                    await self._follow(stop)
                except (KafkaError, OperationalError, OSError) as error:  # a timeout is an OSError too
                    self._follows = False
                    log.warning("archive_put_off", error=type(error).__name__)
                    await asyncio.sleep(self._config.archive_retry_s)
        finally:
            await self._consumer.stop()
            await self._publisher.stop()
            self._engine.dispose()

    async def _follow(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            await self._look_after()
            polled = await self._consumer.getmany(timeout_ms=100, max_records=BATCH)
            if polled:
                await self._keep(read(polled, self._now()))
            if sum(map(len, polled.values())) < BATCH:
                await asyncio.sleep(GATHER_S)

    async def _assign(self) -> None:
        """Go on where the records end: also after a failure that left open what was written."""
        places = [TopicPartition(topic, n) for topic in KEPT for n in range(self._config.partitions)]
        self._consumer.assign(places)
        self._written = await asyncio.to_thread(self._noted)
        for tp in places:
            if tp in self._written:
                self._consumer.seek(tp, self._written[tp])
            else:
                await self._consumer.seek_to_beginning(tp)

    def _noted(self) -> dict[tuple[str, int], int]:
        with self._engine.connect() as connection:
            return next_offsets(connection)

    async def _keep(self, polled: Read) -> None:
        """Dead letters first: once the offsets are written, an unreadable record is not seen again."""
        if polled.unreadable:
            await self._publisher.publish(polled.unreadable)
        await asyncio.to_thread(self._transaction, polled)
        self._written.update(polled.ends)
        metrics.count(polled.messages)

    async def _look_after(self) -> None:
        now = self._now()
        if now >= self._tidy_at:
            await asyncio.to_thread(self._tidy)
        if now >= self._look_at:
            await asyncio.to_thread(self._look)
            metrics.LAG.set(await self._lag())

    def _look(self) -> None:
        """Count what is overdue, unclear, unread, and how full the coming day is."""
        now, config = self._now(), self._config
        with self._engine.connect() as connection:
            found = standing_now(connection, now)
            planned = coming(connection, now, AHEAD)
        metrics.UNRESOLVED.set(found.unresolved)
        metrics.DEAD_LETTERS_OPEN.set(found.dead_letters)
        metrics.OVERDUE.set(found.overdue)
        metrics.OLDEST_OVERDUE.set(found.oldest_overdue_s)
        room = capacity(config.number_rate_per_s, config.account_rate_per_s)
        metrics.FORECAST.set(max(planned.values(), default=0) / room)
        self._look_at = now + timedelta(seconds=config.archive_look_s)

    async def _lag(self) -> int:
        """Records of all topics that are not written yet."""
        ends = await self._consumer.end_offsets(list(self._consumer.assignment()))
        return sum(max(0, end - self._written.get((tp.topic, tp.partition), 0)) for tp, end in ends.items())

    def ready(self) -> dict[str, bool]:
        """Whether it reads and writes: the last round of both ended well."""
        return {"kafka_and_database": self._follows}

    def _tidy(self) -> None:
        """Let go of what is too old, and close evidence whose time is over."""
        now = self._now()
        with self._engine.begin() as connection:
            gone = expire(connection, now, self._ages)
            closed = close_evidence(connection, now, timedelta(days=self._config.evidence_kept_days))
        self._tidy_at = now + timedelta(seconds=self._config.archive_tidy_s)
        log.info("tidied", count=sum(gone.values()), closed=closed)

    def _transaction(self, polled: Read) -> None:
        with self._engine.begin() as connection:
            for tp, end in polled.ends.items():
                note_offset(connection, tp.topic, tp.partition, self._written.get(tp), end)
            write(connection, polled.messages, self._keys)
            passing("archive-before-commit")
        passing("archive-after-commit")


def ages_of(config: Config) -> dict[str, timedelta]:
    """How long each table keeps its rows. Raises ``BadConfig``."""
    try:
        return read_ages(config.records_kept_days)
    except ValueError as error:
        raise BadConfig(f"RECORDS_KEPT_DAYS: {error}") from None


def keys_of(config: Config) -> Keys:
    """The secrets that rows are made with."""
    return Keys(
        link=config.link_secret.encode(),
        reference=config.reference_secret.encode(),
        evidence=config.evidence_secret.encode(),
    )


async def serve(config: Config) -> None:
    """Run until SIGTERM or SIGINT. Raises ``BadConfig`` if topics are not as they should be."""
    await topics_admin.require(config)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    archive = Archive(config, lambda: datetime.now(UTC))
    async with watching(config) as watch:
        with observed(config.metrics_host, config.archive_metrics_port, watch.beside(archive.ready)):
            await archive.run(stop)


def main() -> None:
    """Start as the environment says; ends with 1 where another archive has taken over."""
    logs.configure()
    try:
        asyncio.run(serve(Config.from_env()))
    except Overtaken as error:
        log.error("overtaken", reason=str(error))
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
