"""docker-compose.yml runs the same processes, with settings that exist."""

from pathlib import Path
from typing import Any

import yaml
from typer.main import get_command

from cli import fleet
from cli.main import app
from runtime.config import Config

COMPOSE: dict[str, Any] = yaml.safe_load((Path(__file__).parents[2] / "docker-compose.yml").read_text())
SERVERS = {"kafka", "valkey"}


def test_it_runs_every_process() -> None:
    ours = {name: service for name, service in COMPOSE["services"].items() if name not in SERVERS}
    assert set(ours) == {*fleet.NAMES, "topics"}
    for name, service in ours.items():
        assert service["command"] == [name]
        assert name in get_command(app).commands  # type: ignore[attr-defined]  # a group


def test_its_settings_exist() -> None:
    known = {name.upper() for name in Config.__dataclass_fields__}
    for name, service in COMPOSE["services"].items():
        if name in SERVERS:
            continue
        for variable in service["environment"]:
            assert variable in known or variable.startswith("SIMULATOR_"), f"{name}: {variable}"


def test_kafka_makes_no_topic_by_itself_and_valkey_forgets_nothing() -> None:
    assert COMPOSE["services"]["kafka"]["environment"]["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"
    command = COMPOSE["services"]["valkey"]["command"]
    assert command[command.index("--maxmemory-policy") + 1] == "noeviction"
    assert command[command.index("--appendonly") + 1] == "yes"


def test_what_must_be_up_first_is_waited_for() -> None:
    for name in fleet.NAMES:
        assert COMPOSE["services"][name]["depends_on"] == {
            "topics": {"condition": "service_completed_successfully"}
        }
    assert set(COMPOSE["services"]["topics"]["depends_on"]) == SERVERS
