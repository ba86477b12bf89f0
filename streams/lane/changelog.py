"""Record batches of a changelog: written whole or not at all, and read again where someone else wrote."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from streams.lane.epochs import stamp
from streams.lane.errors import LaneError
from streams.lane.outbox import record_bytes
from streams.lane.stores import Rows

if TYPE_CHECKING:
    from streams.lane.app import LaneApp

_READ_MS = 200


@dataclass(frozen=True, slots=True)
class Written:
    """Where ``count`` rows stand; ``start`` is -1 if the broker did not say: it knew the retry already."""

    start: int
    count: int

    @property
    def end(self) -> int:
        """The offset after the last row."""
        return self.start + self.count


def parts(rows: Rows, max_bytes: int) -> Iterator[Rows]:
    """The rows in their order, in parts that fit a record batch of ``max_bytes`` each."""
    part: dict[bytes, bytes | None] = {}
    size = 0
    for key, value in rows.items():
        takes = record_bytes(key, value)
        if part and size + takes > max_bytes:
            yield part
            part, size = {}, 0
        part[key] = value
        size += takes
    yield part


async def append(producer: AIOKafkaProducer, tp: TP, rows: Rows, epoch: int | None, at_ms: int) -> Written:
    """Append the rows as one record batch. Raises ``LaneError`` if they do not fit, or a ``KafkaError``."""
    builder = producer.create_batch()
    headers = stamp(epoch)
    for key, value in rows.items():
        if builder.append(timestamp=at_ms, key=key, value=value, headers=headers) is None:
            raise LaneError(f"{tp.topic}: the rows of a batch do not fit into one record batch")
    builder.close()
    sent = await (await producer.send_batch(builder, tp.topic, partition=tp.partition))
    return Written(sent.offset, len(rows))


@asynccontextmanager
async def reader(app: "LaneApp", **settings: Any) -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer of no group, for a look aside."""
    conf, transport = app.conf, cast(Any, app.transport)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=driver.server_list(transport.url, transport.default_port),
        enable_auto_commit=False,
        auto_offset_reset="none",
        **settings,
        **driver.credentials_to_aiokafka_auth(conf.broker_credentials, conf.ssl_context),
    )
    async with consumer:
        yield consumer


async def read(app: "LaneApp", tp: TP, start: int, end: int) -> "list[ConsumerRecord[bytes, bytes]]":
    """The records of ``tp`` from offset ``start`` to ``end``, exclusive. Raises a ``KafkaError``."""
    async with reader(app) as consumer:
        place = TopicPartition(*tp)
        consumer.assign([place])
        consumer.seek(place, start)
        records: list[ConsumerRecord[bytes, bytes]] = []
        while await consumer.position(place) < end:
            records += (await consumer.getmany(timeout_ms=_READ_MS)).get(place, [])
        return [record for record in records if record.offset < end]
