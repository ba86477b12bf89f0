"""A stack comes back with the ports and the cluster it had, unless others hold the ports now."""

import os
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from devstack import StackError, ports, process, state
from devstack.kafka import Seat
from devstack.process import Process
from devstack.state import State, Wish


def all_ports(kept: State) -> set[int]:
    return {kept.valkey_port} | {
        port for seat in kept.seats for port in (seat.client_port, seat.controller_port)
    }


def myself() -> Process:
    return Process(os.getpid(), process._start_time(os.getpid()) or "")


@pytest.mark.parametrize("size", [1, 3])
def test_a_new_one_has_a_port_for_each_listener(size: int) -> None:
    fresh = state.plan(None, Wish(brokers=size))
    assert len(fresh.seats) == size
    assert len(all_ports(fresh)) == 2 * size + 1


def test_it_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    kept = replace(state.plan(None, Wish(brokers=3)), processes={"kafka-1": myself()})
    kept.save(tmp_path / "state.json")
    assert state.load(tmp_path / "state.json") == kept
    assert [path.name for path in tmp_path.iterdir()] == ["state.json"]


def test_nothing_kept_is_nothing(tmp_path: Path) -> None:
    assert state.load(tmp_path / "state.json") is None


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"cluster_id": "id", "seats": [{}]}'])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "state.json").write_text(text)
    with pytest.raises(StackError, match="not what devstack writes"):
        state.load(tmp_path / "state.json")


def test_ports_stay() -> None:
    kept = state.plan(None, Wish())
    assert state.plan(kept, Wish()) == kept


def test_a_port_lost_to_others_is_replaced_and_the_rest_stays() -> None:
    kept = state.plan(None, Wish())
    with socket.create_server((ports.HOST, kept.valkey_port)):
        moved = state.plan(kept, Wish())
    assert moved.valkey_port != kept.valkey_port
    assert moved == replace(kept, valkey_port=moved.valkey_port)
    with socket.create_server((ports.HOST, kept.seats[0].controller_port)):
        moved = state.plan(kept, Wish())
    assert not set(moved.seats) & set(kept.seats)
    assert moved == replace(kept, seats=moved.seats)


def test_a_wished_port_is_taken_when_free() -> None:
    first, valkey = ports.choose(2)
    fresh = state.plan(None, Wish(kafka_port=first, valkey_port=valkey))
    assert fresh.seats[0].client_port == first
    assert fresh.valkey_port == valkey


def test_a_wished_port_in_use_is_refused() -> None:
    with socket.create_server((ports.HOST, 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(StackError, match=f"Port {port} is taken"):
            state.plan(None, Wish(kafka_port=port))


def test_two_servers_are_not_given_one_port() -> None:
    [port] = ports.choose(1)
    with pytest.raises(StackError, match=f"Port {port} is taken"):
        state.plan(None, Wish(kafka_port=port, valkey_port=port))


@pytest.mark.parametrize(
    ("running", "wish"), [("kafka-1", Wish(kafka_port=1)), ("valkey", Wish(valkey_port=1))]
)
def test_what_runs_is_not_moved(running: str, wish: Wish) -> None:
    kept = replace(state.plan(None, Wish()), processes={running: myself()})
    with pytest.raises(StackError, match="already runs on port"):
        state.plan(kept, wish)


def test_data_of_another_cluster_size_are_refused() -> None:
    with pytest.raises(StackError, match="belong to a cluster of 1 broker"):
        state.plan(state.plan(None, Wish()), Wish(brokers=3))


def test_other_sizes_are_refused() -> None:
    with pytest.raises(StackError, match="1 or 3 brokers, not 2"):
        state.plan(None, Wish(brokers=2))


def test_only_the_very_processes_are_alive() -> None:
    kept = State("id", (Seat(1, 2),), 3, {"kafka-1": myself(), "valkey": replace(myself(), started="other")})
    assert kept.alive() == {"kafka-1": myself()}
