"""Ports are free when chosen, and lie where outgoing connections do not take them."""

import socket
from pathlib import Path

import pytest

from devstack import ports


def test_a_port_is_free_until_someone_listens() -> None:
    [port] = ports.choose(1)
    assert ports.is_free(port)
    assert not ports.answers(ports.HOST, port)
    with socket.create_server((ports.HOST, port)):
        assert not ports.is_free(port)
        assert ports.answers(ports.HOST, port)


def test_chosen_ports_differ_and_avoid_the_taken() -> None:
    first = ports.choose(50)
    second = ports.choose(50, taken=frozenset(first))
    assert len({*first, *second}) == 100


@pytest.mark.skipif(not Path("/proc/sys").exists(), reason="only Linux tells its range there")
def test_they_lie_outside_the_range_of_outgoing_connections() -> None:
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert max(ports.choose(200)) < lowest
