"""Every command explains itself, and says in one line what is wrong with its input."""

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from cli.main import app
from rules.ids import phone_ref
from runtime.config import Config
from schemas.topics import TOPICS

COMMANDS = sorted(get_command(app).commands)  # type: ignore[attr-defined]  # a group


def test_help_lists_the_commands(terminal: CliRunner) -> None:
    told = terminal.invoke(app, ["--help"])
    assert told.exit_code == 0
    assert {"topics", "why", "ref", "contract", "archive"} <= set(COMMANDS)
    for command in COMMANDS:
        assert command in told.output


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help(terminal: CliRunner, command: str) -> None:
    told = terminal.invoke(app, [command, "--help"])
    assert told.exit_code == 0
    assert len(told.output.split()) > 10


def test_ref_names_a_phone_whatever_way_it_is_typed(terminal: CliRunner, config: Config) -> None:
    wanted = phone_ref(config.reference_secret.encode(), "+13305550147")
    for typed in (["+13305550147"], ["(330) 555-0147"], ["330 555 0147", "--region", "CA"]):
        told = terminal.invoke(app, ["ref", *typed])
        assert told.output.strip() == wanted
    told = terminal.invoke(app, ["ref", "12"])
    assert told.exit_code == 1
    assert "not a phone number" in told.output


def test_topics_are_listed_without_servers(terminal: CliRunner, config: Config) -> None:
    told = terminal.invoke(app, ["topics", "--show"], env={"COLUMNS": "300"})
    assert told.exit_code == 0
    assert all(topic.name in told.output for topic in TOPICS)


def test_topics_says_that_kafka_is_away(
    terminal: CliRunner, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1")
    told = terminal.invoke(app, ["topics", "--check"])
    assert told.exit_code == 2
    assert "127.0.0.1:1" in told.output
    assert "Traceback" not in told.output


def test_a_bad_setting_is_named(terminal: CliRunner, config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARTITIONS", "many")
    for command in (["topics"], ["ref", "+13305550147"], ["why", "b1"]):
        told = terminal.invoke(app, command)
        assert told.exit_code == 2
        assert "PARTITIONS" in told.output
