"""Servers named by the environment are used as they are, and their passwords are not shown."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from devstack import Addresses, ServerStatus, Stack, StackError, existing


@pytest.fixture
def port() -> Iterator[int]:
    """Someone listens there."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


def test_they_are_used_and_nothing_is_started(tmp_path: Path, port: int) -> None:
    redis = f"redis://:secret@127.0.0.1:{port}/0"
    given = {"KAFKA_BOOTSTRAP_SERVERS": f"127.0.0.1:{port}", "REDIS_URL": redis}
    stack = Stack(tmp_path, environ=given)
    assert stack.start() == Addresses(f"127.0.0.1:{port}", redis)
    assert stack.status() == (
        ServerStatus("kafka", f"127.0.0.1:{port}", running=True, own=False),
        ServerStatus("redis", f"127.0.0.1:{port}", running=True, own=False),
    )
    assert not stack.logs.exists()
    with pytest.raises(StackError, match="has no kafka-1 of its own"):
        stack.kill_broker(1)


@pytest.mark.parametrize("variable", ["KAFKA_BOOTSTRAP_SERVERS", "REDIS_URL"])
def test_one_that_does_not_answer_is_named_without_its_password(tmp_path: Path, variable: str) -> None:
    value = {"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9", "REDIS_URL": "redis://:secret@127.0.0.1:9/0"}[variable]
    with pytest.raises(StackError, match=rf"^{variable} names .* \(127\.0\.0\.1:9\)") as error:
        Stack(tmp_path, environ={variable: value}).start()
    assert "secret" not in str(error.value)


@pytest.mark.parametrize(
    ("value", "address"),
    [("a:1,b:2", "a:1,b:2"), ("a:1, b", "a:1,b:9092"), ("[::1]:9", "::1:9")],
)
def test_every_bootstrap_server_is_read(value: str, address: str) -> None:
    found = existing.kafka({"KAFKA_BOOTSTRAP_SERVERS": value})
    assert found
    assert found.address == address
    assert found.value == value


def test_an_empty_variable_names_nothing() -> None:
    assert existing.kafka({"KAFKA_BOOTSTRAP_SERVERS": ""}) is None
    assert existing.redis({}) is None
