"""Where a command finds its settings: the environment, else what the last `make up` or `make demo` wrote."""

import os
from collections.abc import Mapping
from pathlib import Path

import typer

from runtime.config import BadConfig, Config

LAST = Path(".run/env")
"""The settings of the deployment that was started last on this machine."""


def read(path: Path) -> dict[str, str]:
    """The variables of a file of NAME=value lines; empty if there is none."""
    if not path.exists():
        return {}
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name: value for name, _, value in pairs}


def write(path: Path, variables: Mapping[str, str]) -> None:
    """Write NAME=value lines, for us only: secrets are among them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text("".join(f"{name}={value}\n" for name, value in variables.items()), encoding="utf-8")


def config() -> Config:
    """The settings of this command; a bad one ends it with a message."""
    try:
        return Config.from_env({**read(LAST), **read(Path(".env")), **os.environ})
    except BadConfig as error:
        raise typer.BadParameter(str(error)) from None
