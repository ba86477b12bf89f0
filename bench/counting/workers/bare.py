"""A bare loop over aiokafka: the limit of what Python and this client can do, with no recovery."""

import asyncio
import os
from collections import Counter

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from bench.counting.events import PARTITIONS, Counted, Event

ENV = os.environ


async def main() -> None:
    """Read, count, write, commit, for ever."""
    servers = ENV["BENCH_BROKER"]
    consumer = AIOKafkaConsumer(
        bootstrap_servers=servers, group_id=ENV["BENCH_ID"], enable_auto_commit=False,
        auto_offset_reset="earliest", max_poll_records=4_000,
    )  # fmt: skip
    producer = AIOKafkaProducer(
        bootstrap_servers=servers, acks="all", enable_idempotence=True, max_batch_size=900_000
    )
    await consumer.start()
    await producer.start()
    consumer.assign([TopicPartition(ENV["BENCH_IN"], n) for n in range(PARTITIONS)])
    decode, encode = msgspec.json.Decoder(Event).decode, msgspec.json.Encoder().encode
    seen: Counter[str] = Counter()
    while True:
        polled = await consumer.getmany(timeout_ms=200)
        sent = []
        for tp, records in polled.items():
            out, changelog, rows = producer.create_batch(), producer.create_batch(), {}
            for record in records:
                event = decode(record.value)
                n = seen[event.person_id] = rows[record.key] = seen[event.person_id] + 1
                value = encode(Counted(event.message_id, event.person_id, n))
                out.append(timestamp=record.timestamp, key=record.key, value=value)
            for key, n in rows.items():
                changelog.append(timestamp=0, key=key, value=b"%d" % n)
            for builder, topic in ((out, ENV["BENCH_OUT"]), (changelog, ENV["BENCH_CHANGELOG"])):
                builder.close()
                sent.append(await producer.send_batch(builder, topic, partition=tp.partition))
        for acknowledged in sent:
            await acknowledged
        if polled:
            await consumer.commit()


if __name__ == "__main__":
    asyncio.run(main())
