"""The emergency brake reaches the gate and the log, and says who did not hear it."""

import asyncio

import pytest
from redis import Redis
from typer.testing import CliRunner

from cli.main import app
from runtime import gate_keys, topics_admin
from runtime.config import Config
from schemas.settings import SettingsChange
from schemas.topics import SETTINGS_CHANGES
from tests.logs import messages


def test_a_workspace_that_cannot_be_is_refused(terminal: CliRunner, config: Config) -> None:
    told = terminal.invoke(app, ["pause", "--workspace", "a/b", "--reason", "x"])
    assert told.exit_code == 2
    assert "--workspace" in told.output


def test_who_did_not_hear_it_is_named(
    terminal: CliRunner, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1")
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1")
    told = terminal.invoke(app, ["pause", "--reason", "a wrong feed"])
    assert told.exit_code == 2
    assert "Redis is away" in told.output
    assert "Kafka is away" in told.output


@pytest.mark.servers
def test_the_gate_and_the_log_hear_it(
    terminal: CliRunner, config: Config, kafka: str, valkey: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", kafka)
    monkeypatch.setenv("REDIS_URL", valkey)
    monkeypatch.setenv("PARTITIONS", "4")  # as the other tests of these servers
    deployed = Config.from_env()
    asyncio.run(topics_admin.ensure(deployed))
    for command, word in (("pause", ":1"), ("resume", ":0")):
        told = terminal.invoke(app, [command, "--workspace", "braked", "--reason", "a wrong feed"])
        assert told.exit_code == 0, told.output
        with Redis.from_url(valkey, decode_responses=True) as redis:
            assert str(redis.hget(gate_keys.PAUSED, "braked")).endswith(word)
    said = asyncio.run(messages(deployed, SETTINGS_CHANGES.name))
    ours = [m for m in said if isinstance(m, SettingsChange) and m.workspace_id == "braked"]
    ours.sort(key=lambda change: change.at)  # any partition may hold them
    assert [m.value for m in ours] == [True, False]
    assert ours[0].revision < ours[1].revision
    assert {(m.name, m.reason) for m in ours} == {("paused", "a wrong feed")}
