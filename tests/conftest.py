"""One real Kafka and one real Valkey for the whole run, started at the first test that asks for them."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import pytest
from hypothesis import settings

from devstack import Addresses, Stack
from tests.records.postgres import Postgres

settings.register_profile("untimed", deadline=None)  # a busy machine is no failure
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Addresses]:
    """Both servers; a failed start fails each test that needs them, and says what is missing."""
    stack = Stack(tmp_path_factory.mktemp("servers"))
    with _ended_in_order():
        try:
            yield stack.start()
        finally:
            stack.stop()


@pytest.fixture(scope="session")
def kafka(servers: Addresses) -> str:
    """Bootstrap servers, `host:port`."""
    return servers.kafka


@pytest.fixture(scope="session")
def valkey(servers: Addresses) -> str:
    """A `redis://` URL."""
    return servers.redis


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A PostgreSQL for the run; where the package is missing, its tests fail and say how to get it."""
    server = Postgres(tmp_path_factory.mktemp("postgres"))
    try:
        server.start()
        yield server
    finally:
        server.stop()


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """A run that is told to end (`timeout`, CI) ends its servers too, as after Ctrl-C."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
