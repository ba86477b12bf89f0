"""Kafka's jars are those of the lock, byte for byte, or there is no start."""

import hashlib
import os
from pathlib import Path

import pytest

from devstack import StackError, jars

JAR = b"a jar"
COORDINATE = "org.example:thing:1.0"


@pytest.fixture
def lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A lock of one jar, and an empty store."""
    monkeypatch.setenv("M2_REPO", str(tmp_path / "store"))
    path = tmp_path / "jars.lock"
    path.write_text(f"{COORDINATE} {hashlib.sha256(JAR).hexdigest()}\n")
    return path


def place(content: bytes) -> Path:
    path = jars.repository() / "org/example/thing/1.0/thing-1.0.jar"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def refuse(_store: Path, coordinate: str) -> None:
    raise AssertionError(f"{coordinate} was fetched")


def test_the_lock_pins_this_kafka_and_one_logger() -> None:
    pins = jars.read_lock()
    for coordinate in jars.ENDPOINT.split("+"):
        assert coordinate in pins
    assert f"org.apache.kafka:kafka-clients:{jars.KAFKA_VERSION}" in pins
    assert all(len(sha256) == 64 for sha256 in pins.values())


def test_what_is_there_is_not_fetched(lock: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jars, "_fetch", refuse)
    there = place(JAR)
    assert jars.classpath(lock) == str(there)


def test_a_cut_download_is_fetched_again(lock: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cut = place(JAR[:3])
    monkeypatch.setattr(jars, "_fetch", lambda _store, _coordinate: place(JAR))
    assert jars.classpath(lock).split(os.pathsep) == [str(cut)]
    assert cut.read_bytes() == JAR


def test_an_altered_jar_is_refused_and_not_kept(lock: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jars, "_fetch", lambda _store, _coordinate: place(b"another jar"))
    with pytest.raises(StackError, match=f"{COORDINATE} is not the jar pinned"):
        jars.classpath(lock)
    assert not list(jars.repository().rglob("*.jar"))


def test_without_network_the_error_says_what_to_check(lock: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(variable, "http://127.0.0.1:9")  # the discard port: nobody listens
    for variable in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(variable, raising=False)
    with pytest.raises(StackError) as error:
        jars.classpath(lock)
    for word in (COORDINATE, "Maven Central", "HTTPS_PROXY", "KAFKA_BOOTSTRAP_SERVERS"):
        assert word in str(error.value)
