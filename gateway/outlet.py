"""Kafka as the web edge sees it: there, or away for now. The edge starts, and takes a STOP, without it."""

import asyncio
from collections.abc import Iterable
from typing import Protocol

import structlog
from aiokafka.errors import KafkaConnectionError, KafkaError

from runtime.config import Config
from runtime.kafka import Publisher
from schemas.base import Message

log = structlog.get_logger()
NOT_TAKEN = (TimeoutError, KafkaError)
"""What ``publish`` raises: whether the messages are there is then unclear."""


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

    def start(self) -> None:
        """Begin to connect; returns at once."""
        self._connecting = asyncio.create_task(self._connect())

    async def stop(self) -> None:
        """Send what is pending and disconnect."""
        if self._connecting is not None:
            self._connecting.cancel()
            await asyncio.wait([self._connecting])
        if self._publisher is not None:
            await self._publisher.stop()

    async def publish(self, messages: Iterable[Message]) -> None:
        """Return when the brokers have all of them; raise one of ``NOT_TAKEN`` otherwise."""
        publisher = self._publisher
        if publisher is None:
            raise KafkaConnectionError("not connected yet")
        try:
            await publisher.publish(messages)
        except KafkaError as error:
            if not error.retriable:
                self._renew(publisher, error)
            raise

    async def reachable(self) -> bool:
        """Whether a broker answers now."""
        try:
            return self._publisher is not None and await self._publisher.reachable()
        except NOT_TAKEN:
            return False

    def _renew(self, broken: Publisher, error: KafkaError) -> None:
        """An idempotent producer that lost its place in the log never recovers: take a new one."""
        if self._publisher is not broken:
            return
        log.warning("kafka_producer_replaced", error=type(error).__name__)
        self._publisher = None
        self._connecting = asyncio.create_task(self._connect(broken))

    async def _connect(self, before: Publisher | None = None) -> None:
        if before is not None:
            await before.stop()
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
