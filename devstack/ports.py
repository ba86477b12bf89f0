"""Free TCP ports of this machine, and whether one answers."""

import random
import socket

HOST = "127.0.0.1"
# below the range from which systems take ports for outgoing connections, so that none is lost meanwhile
_CANDIDATES = range(20_000, 32_000)


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of the loopback address now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def choose(count: int, taken: frozenset[int] = frozenset()) -> list[int]:
    """So many different free ports, none of them in `taken`."""
    order = random.SystemRandom().sample(_CANDIDATES, len(_CANDIDATES))
    free = (port for port in order if port not in taken and is_free(port))
    return [next(free) for _ in range(count)]


def answers(host: str, port: int, *, timeout_s: float = 1.0) -> bool:
    """Whether someone accepts a connection there."""
    try:
        socket.create_connection((host, port), timeout_s).close()
    except OSError:
        return False
    return True
