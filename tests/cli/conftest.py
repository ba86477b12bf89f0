"""Commands with an environment of their own: no file of this machine, no server."""

import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from runtime.config import Config


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    """The settings that commands of this test find."""
    for name in [name for name in os.environ if name.lower() in Config.__dataclass_fields__]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RECORDS_URL", f"sqlite:///{tmp_path / 'records.sqlite'}")
    return Config.from_env()


@pytest.fixture
def terminal() -> CliRunner:
    return CliRunner()
