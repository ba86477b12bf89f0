"""Bad records end in dead-letters, good ones are handled, the pipeline goes on."""

import asyncio

import pytest
from aiokafka import AIOKafkaProducer

from schemas.bookings import BookingInput, BookingState
from schemas.dead_letters import DeadLetter
from streams.topology import FLOWS
from tests.system.deployment import Deployment, booking, phone

pytestmark = pytest.mark.servers

HUGE = 900_000  # under the broker's limit of a record batch, 1 MiB
BAD = {
    "malformed bytes": b"\xff\xfe not json",
    "wrong type": b'{"type":"nobody"}',
    "wrong shape": b"[1, 2, 3]",
    "wrong field": b'{"type":"booking","revision":"x"}',
    "deep": b'{"a":' * 2000 + b"1" + b"}" * 2000,
    "empty": b"",
    "null": None,
    "huge": b'"' + b"x" * HUGE + b'"',
}


def test_bad_records_of_every_input_topic_become_dead_letters(deployment: Deployment) -> None:
    """What cannot be read is kept with its reason; what lies behind it is handled."""
    asyncio.run(_every_topic(deployment))


async def _every_topic(deployment: Deployment) -> None:
    topics = [flow.topic.name for flow in FLOWS]
    await deployment.publish(*((topic, value) for topic in topics for value in BAD.values()))
    await deployment.publish(("booking-events", booking("b1", phone(1), starts_in_s=600)))
    deployment.start("worker")
    wanted = len(topics) * len(BAD)
    letters = await deployment.read("dead-letters", until=lambda seen: len(seen) >= wanted)
    assert {(letter.topic, letter.size_bytes) for letter in letters} == {
        (topic, len(value or b"")) for topic in topics for value in BAD.values()
    }
    assert all(letter.reason for letter in letters)
    assert all(isinstance(letter, DeadLetter) and len(letter.payload or b"") <= 65_536 for letter in letters)
    states = await deployment.read(
        "bookings", until=lambda seen: any(isinstance(m, BookingState) for m in seen)
    )
    assert [state.booking.booking_id for state in states] == ["b1"]
    assert deployment.running["worker"].poll() is None


def test_a_transactional_upstream_with_aborted_records_is_read_in_part(deployment: Deployment) -> None:
    """Aborted records are never seen, committed ones all; the barrier opens behind control records."""
    asyncio.run(_transactional(deployment))


async def _transactional(deployment: Deployment) -> None:
    producer = AIOKafkaProducer(
        bootstrap_servers=deployment.env["KAFKA_BOOTSTRAP_SERVERS"], transactional_id="upstream"
    )
    await producer.start()
    for n, commit in enumerate([True, False, True, False]):
        await producer.begin_transaction()
        await producer.send_and_wait(
            "booking-events", booking(f"b{n}", phone(n), starts_in_s=600), partition=0
        )
        await (producer.commit_transaction() if commit else producer.abort_transaction())
    await producer.stop()
    deployment.start("worker")
    inputs = await deployment.read("booking-inputs", until=lambda seen: len(seen) >= 2)
    assert sorted(m.booking_id for m in inputs if isinstance(m, BookingInput)) == ["b0", "b2"]
    withdrawn = await deployment.read("texts-due", until=lambda seen: len(seen) >= 2)
    assert withdrawn  # ticked: the barrier is open although each log ends in control records
