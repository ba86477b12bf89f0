"""Does Kafka answer now? Asked anew for as long as a process runs, and let go of at once when it ends."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from runtime.config import Config
from runtime.watch import watching

NOBODY = Config(kafka_bootstrap_servers="127.0.0.1:1", kafka_timeout_s=2)


async def until(is_so: Callable[[], bool]) -> None:
    while not is_so():  # noqa: ASYNC110  the watch tells nobody
        await asyncio.sleep(0.05)


async def test_nobody_answers() -> None:
    async with watching(NOBODY) as watch:
        await asyncio.sleep(0.2)
        assert not watch.answers


@pytest.mark.servers
async def test_it_answers_and_is_let_go_of(kafka: str) -> None:
    async with asyncio.timeout(60):
        async with watching(replace(NOBODY, kafka_bootstrap_servers=kafka)) as watch:
            await until(lambda: watch.answers)
            await asyncio.sleep(2.5)
            assert watch.answers
