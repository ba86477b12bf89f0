"""Records from the consumers to whoever hears them, and how far a partition was read."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition

from schemas.topics import SMS_JOURNAL
from sender.consumers import commit_to
from sender.partition import Partition
from sender.partitions import Partitions
from sender.pending import PartitionGone

POLL_MS = 200
Hear = Callable[[Partition, list[Any]], Awaitable[None]]
"""Told of the records of one topic and partition, in order."""


async def read(
    partitions: Partitions, consumer: AIOKafkaConsumer, hear: Hear, *, commit: bool = False
) -> None:
    """For ever: tell ``hear`` of records, then how far they go; ``commit``: offsets too."""
    while True:
        if partitions.failed is not None:
            raise partitions.failed
        if not consumer.assignment():
            await asyncio.sleep(POLL_MS / 1000)
            continue
        batches = await consumer.getmany(timeout_ms=POLL_MS, max_records=1000)
        generation, folds = partitions.generation, {n: p.fold for n, p in partitions.held.items()}
        for tp, records in batches.items():
            if tp.partition not in folds:
                consumer.seek(tp, records[0].offset)  # just assigned, not taken over yet
        for tp, records in batches.items():
            partition = partitions.held.get(tp.partition)
            if generation != partitions.generation or partition is None or tp.partition not in folds:
                continue
            if tp.topic != SMS_JOURNAL.name or partition.fold is folds[tp.partition]:
                await _hear(consumer, partition, records, hear, commit=commit)
        _note_positions(partitions, consumer, generation)


async def _hear(
    consumer: AIOKafkaConsumer, partition: Partition, records: list[Any], hear: Hear, *, commit: bool
) -> None:
    topic, next_offset = records[0].topic, records[-1].offset + 1
    try:
        await hear(partition, records)
    except PartitionGone:
        return
    partition.has_read(topic, next_offset)
    if commit:
        await commit_to(consumer, {TopicPartition(topic, partition.number): next_offset})


def _note_positions(partitions: Partitions, consumer: AIOKafkaConsumer, generation: int) -> None:
    """A position passes holes of compaction, which no record fills."""
    subscription = consumer._subscription.subscription
    assignment = subscription.assignment if subscription else None
    if assignment is None or generation != partitions.generation:
        return
    for tp in assignment.tps:
        partition, state = partitions.held.get(tp.partition), assignment.state_value(tp)
        is_journal = tp.topic == SMS_JOURNAL.name and partition is not None and partition.seeking
        if partition is not None and not is_journal and state is not None and state.has_valid_position:
            partition.has_read(tp.topic, state.position)
