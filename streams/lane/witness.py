"""Which log was read: one record of it, by offset and time, stands in each mark.

A topic that was recreated and has already grown past what was read of its predecessor cannot be told by its
offsets, and the broker forgets what a group committed of a topic that is deleted. Another time at the same
offset tells; a log whose records came with their times is the same log.
"""

from collections.abc import Mapping

from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.lane.marks import Mark

_READ_MS = 200


async def contradicted(
    consumer: AIOKafkaConsumer, marks: Mapping[TopicPartition, Mark]
) -> set[TopicPartition]:
    """Where another record stands than the mark names. Gone is no other: expired, compacted, cut off.

    The consumer is assigned anew. Raises a ``KafkaError``.
    """
    first, ends = await consumer.beginning_offsets(marks), await consumer.end_offsets(marks)
    left = {tp: mark for tp, mark in marks.items() if first[tp] <= mark.seen < ends[tp]}
    consumer.assign(list(left))
    for tp, mark in left.items():
        consumer.seek(tp, mark.seen)
    others = set()
    while left:
        for tp, records in (await consumer.getmany(*left, timeout_ms=_READ_MS)).items():
            mark = left[tp]
            if any(record.offset == mark.seen and record.timestamp != mark.seen_ms for record in records):
                others.add(tp)
        left = {tp: mark for tp, mark in left.items() if await consumer.position(tp) <= mark.seen}
    return others
