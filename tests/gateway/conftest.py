import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis
from litestar import Litestar

from devstack import Stack
from gateway.admin import recorded
from gateway.app import create_app
from gateway.edge import Edge
from runtime import topics_admin
from runtime.gate_keys import EPOCH
from tests.gateway.desk import Desk, desk
from tests.gateway.running import Running


@pytest.fixture
def at_desk(tmp_path: Path) -> Desk:
    return desk(tmp_path)


CURRENT: list[Edge] = []
"""The edge of the test that runs: all share one application, which takes long to make."""


@pytest.fixture(scope="session")
def app() -> Litestar:
    return create_app(lambda: CURRENT[-1])


@pytest.fixture
async def web(app: Litestar, at_desk: Desk) -> AsyncIterator[httpx.AsyncClient]:
    """A client in the loop of the application, under a host that we were never told."""
    CURRENT[:] = [at_desk.edge]
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://never.named") as client:
        yield client


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Staff's pages do not wait for what nobody here decides."""
    monkeypatch.setattr(recorded, "WAIT_S", 0)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Servers of these tests alone, which take them away and bring them back."""
    own = Stack(tmp_path_factory.mktemp("stack"), environ={})
    own.start()
    yield own
    own.stop()


@pytest.fixture
def gateway(stack: Stack, tmp_path: Path) -> Iterator[Running]:
    """A gateway to start on them, once they all run."""
    running = Running(tmp_path, stack.start())
    asyncio.run(topics_admin.ensure(running.config))
    yield running
    running.close()


@pytest.fixture
def gate(gateway: Running) -> Iterator[Any]:
    """A client, in an epoch that a sender began long ago."""
    with redis.Redis.from_url(gateway.config.redis_url, decode_responses=True) as client:
        client.set(EPOCH, "1")
        yield client


@pytest.fixture
def phone() -> str:
    """A number of this test alone: the servers keep what others left."""
    return f"+1202{uuid.uuid4().int % 10_000_000:07}"
