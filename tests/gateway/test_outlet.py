"""The outlet against producers that fail as real ones do."""

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest
from aiokafka.errors import KafkaConnectionError, KafkaTimeoutError, OutOfOrderSequenceNumber

import gateway.outlet
from gateway.outlet import NOT_TAKEN, Outlet
from runtime.config import Config
from schemas.base import Message

CONFIG = Config(kafka_timeout_s=0.02, reconnect_s=0.005)


class Producer:
    """One in a row of producers; the class knows how each is to behave."""

    made: list["Producer"]
    refuses: int
    errors: dict[int, Exception | str]
    answers: bool

    def __init__(self, config: Config) -> None:
        self.number, self.taken, self.stopped = len(Producer.made), 0, False
        Producer.made.append(self)

    async def start(self) -> None:
        if self.number < Producer.refuses:
            raise KafkaConnectionError

    async def stop(self) -> None:
        self.stopped = True
        if Producer.errors.get(self.number) == "stuck":
            await asyncio.sleep(3600)

    async def reachable(self) -> bool:
        if not Producer.answers:
            raise TimeoutError
        return True

    async def publish(self, messages: Iterable[Message]) -> None:
        error = Producer.errors.get(self.number)
        if isinstance(error, Exception):
            raise error
        if error == "stuck":
            await asyncio.sleep(0.02)
            raise TimeoutError
        self.taken += 1


@pytest.fixture(autouse=True)
def producers(monkeypatch: pytest.MonkeyPatch) -> None:
    Producer.made, Producer.refuses, Producer.errors, Producer.answers = [], 0, {}, True
    monkeypatch.setattr(gateway.outlet, "Publisher", Producer)


async def taken(outlet: Outlet) -> bool:
    try:
        await outlet.publish([])
    except NOT_TAKEN:
        return False
    return True


async def until_taken(outlet: Outlet) -> None:
    for _ in range(400):
        if await taken(outlet):
            return
        await asyncio.sleep(0.005)
    pytest.fail("it never took anything")


async def test_it_connects_when_kafka_comes() -> None:
    Producer.refuses = 3
    outlet = Outlet(CONFIG)
    outlet.start()
    assert not await taken(outlet)
    assert not await outlet.reachable()
    await until_taken(outlet)
    assert await outlet.reachable()
    await outlet.stop()
    assert [producer.stopped for producer in Producer.made] == [True] * 4


async def test_a_producer_that_lost_its_place_is_replaced() -> None:
    Producer.errors = {0: OutOfOrderSequenceNumber()}
    outlet = Outlet(CONFIG)
    outlet.start()
    await until_taken(outlet)
    assert [producer.taken for producer in Producer.made] == [0, 1]
    await outlet.stop()


@pytest.mark.parametrize("error", [KafkaTimeoutError(), TimeoutError()])
async def test_a_passing_failure_keeps_the_producer(error: Exception) -> None:
    Producer.errors = {0: error}
    outlet = Outlet(CONFIG)
    outlet.start()
    await asyncio.sleep(0.01)
    assert not await taken(outlet)
    Producer.errors = {}
    await until_taken(outlet)
    assert len(Producer.made) == 1
    await outlet.stop()


async def test_a_stuck_producer_is_replaced_while_a_broker_answers() -> None:
    Producer.errors = {0: "stuck"}
    outlet = Outlet(CONFIG)
    outlet.start()
    await until_taken(outlet)
    assert [producer.taken for producer in Producer.made] == [0, 1]
    await outlet.stop()


async def test_a_producer_without_a_broker_is_not_blamed() -> None:
    Producer.errors, Producer.answers = {0: "stuck"}, False
    outlet = Outlet(CONFIG)
    outlet.start()
    await asyncio.sleep(0.01)
    outcomes: list[Any] = [await taken(outlet) for _ in range(15)]
    assert not any(outcomes)
    assert len(Producer.made) == 1
    await outlet.stop()
    assert Producer.made[0].stopped
