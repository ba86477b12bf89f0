"""Kafka as the web edge sees it: there, or away for now. The edge starts, and takes a STOP, without it."""

import asyncio
from collections.abc import Iterable
from typing import Protocol

import structlog
from aiokafka.errors import (
    KafkaConnectionError,
    KafkaError,
    OutOfOrderSequenceNumber,
    ProducerClosed,
    ProducerFenced,
)

from runtime.config import Config
from runtime.kafka import Publisher
from runtime.tasks import end_all
from schemas.base import Message

log = structlog.get_logger()
NOT_TAKEN = (TimeoutError, KafkaError)
"""What ``publish`` raises: whether the messages are there is then unclear."""


FATAL = (OutOfOrderSequenceNumber, ProducerClosed, ProducerFenced)
"""After these a producer takes nothing more."""
STUCK_AFTER_TIMEOUTS = 3
"""A producer that had nothing acknowledged for so many timeouts, though a broker answers, is replaced."""


class Publishes(Protocol):
    """Takes messages to the topics they belong to."""

    async def publish(self, messages: Iterable[Message]) -> None:
        """Return when the brokers have all of them; raise one of ``NOT_TAKEN`` otherwise."""

    async def reachable(self) -> bool:
        """Whether a broker answers now."""


class Outlet:
    """A publisher that connects in the background, and again after it failed for good."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._publisher: Publisher | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._mending: asyncio.Task[None] | None = None
        self._waits_since: float | None = None
        """The first publish after the last acknowledgement, by the loop's clock."""

    def start(self) -> None:
        """Begin to connect; returns at once."""
        self._connecting = asyncio.create_task(self._connect())

    async def stop(self) -> None:
        """Send what is pending while Kafka takes it, and disconnect."""
        await end_all([task for task in (self._mending, self._connecting) if task is not None])
        if self._publisher is not None:
            await self._close(self._publisher)

    async def publish(self, messages: Iterable[Message]) -> None:
        """Return when the brokers have all of them; raise one of ``NOT_TAKEN`` otherwise."""
        publisher = self._publisher
        if publisher is None:
            raise KafkaConnectionError("not connected yet")
        self._mend_if_stuck(publisher)
        try:
            await publisher.publish(messages)
        except KafkaError as error:
            if isinstance(error, FATAL):
                self._renew(publisher, type(error).__name__)
            raise
        self._waits_since = None

    async def reachable(self) -> bool:
        """Whether a broker answers now."""
        try:
            return self._publisher is not None and await self._publisher.reachable()
        except NOT_TAKEN:
            return False

    def _mend_if_stuck(self, publisher: Publisher) -> None:
        now = asyncio.get_running_loop().time()
        if self._waits_since is None:
            self._waits_since = now
        elif now - self._waits_since > STUCK_AFTER_TIMEOUTS * self._config.kafka_timeout_s:
            self._waits_since = now
            self._mending = asyncio.create_task(self._renew_if_answered(publisher))

    async def _renew_if_answered(self, publisher: Publisher) -> None:
        if await self.reachable():
            self._renew(publisher, "stuck")

    def _renew(self, broken: Publisher, reason: str) -> None:
        """Take a new producer: one that lost its place in the log, or is stuck, does not recover."""
        if self._publisher is not broken:
            return
        log.warning("kafka_producer_replaced", reason=reason)
        self._publisher = self._waits_since = None
        self._connecting = asyncio.create_task(self._connect(broken))

    async def _connect(self, before: Publisher | None = None) -> None:
        if before is not None:
            await self._close(before)
        while self._publisher is None:
            publisher = Publisher(self._config)
            try:
                await publisher.start()
            except (KafkaError, OSError) as error:
                await publisher.stop()
                log.warning("kafka_away", error=type(error).__name__)
                await asyncio.sleep(self._config.reconnect_s)
            else:
                self._publisher = publisher

    async def _close(self, publisher: Publisher) -> None:
        """Bounded: an idempotent producer would wait for an acknowledgement for ever."""
        try:
            async with asyncio.timeout(self._config.kafka_timeout_s):
                await publisher.stop()
        except NOT_TAKEN as error:
            log.warning("kafka_not_closed", error=type(error).__name__)
