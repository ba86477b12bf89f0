import subprocess
import sys
from pathlib import Path

import pytest

from streams.lane import LaneApp, LaneSettings, changelog_topic_name
from tests.streams.lane.stand import Stand


def faust(tmp_path: Path, *command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "faust", "-A", "tests.streams.lane.counting", *command],
        env={"PYTHONPATH": ".", "LANE_DATA": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert not done.returncode, done.stderr
    return done.stdout


@pytest.mark.long
def test_the_command_line_lists_the_agents(tmp_path: Path) -> None:
    listed = faust(tmp_path, "agents")
    assert all(name in listed for name in ("count", "count-again", "forward"))
    assert "Counts the records of the source." in listed


@pytest.mark.long
def test_the_command_line_lists_the_tables(tmp_path: Path) -> None:
    assert "how often a key was seen" in faust(tmp_path, "tables")


def test_there_is_no_web_server_whatever_the_command_line_says() -> None:
    app = LaneApp("app", LaneSettings(broker="kafka://127.0.0.1:1"), env={})
    app.conf.web_enabled = True  # as `faust worker` sets it
    assert not app.boot_strategy._should_enable_web()


def test_faust_declares_no_topics_and_elects_no_leader() -> None:
    stand = Stand()
    assert not stand.app.conf.topic_allow_declare
    assert stand.app.conf.topic_disable_leader
    assert not stand.counts.changelog_topic.internal
    assert stand.counts.changelog_topic_name == changelog_topic_name("stand", "counts")


async def test_a_worker_is_not_ready_before_its_tables_nor_after_a_failure() -> None:
    stand = await Stand().start()
    assert not stand.app.ready
    stand.app.tables.on_actives_ready()
    stand.app.rebalancing = False
    assert stand.app.ready
    stand.lane.poison(RuntimeError("broken"))
    await stand.settle()
    assert not stand.app.ready
