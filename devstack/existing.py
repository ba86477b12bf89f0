"""Servers that exist already, named by the environment: devstack uses them, and starts nothing."""

from urllib.parse import urlsplit

from devstack import ports
from devstack.errors import StackError


def check_kafka(bootstrap: str) -> None:
    """Raise unless one of the brokers in `host:port,...` accepts a connection."""
    places = (urlsplit(f"//{place.strip()}") for place in bootstrap.split(","))
    _check("KAFKA_BOOTSTRAP_SERVERS", [(place.hostname or "", place.port or 9092) for place in places])


def check_redis(url: str) -> None:
    """Raise unless the server of this `redis://` URL accepts a connection."""
    place = urlsplit(url)
    _check("REDIS_URL", [(place.hostname or "", place.port or 6379)])


def _check(variable: str, places: list[tuple[str, int]]) -> None:
    if not any(ports.answers(host, port, timeout_s=5.0) for host, port in places):
        named = ", ".join(f"{host}:{port}" for host, port in places)
        raise StackError(
            f"{variable} names a server that does not answer ({named}). Start it, or unset {variable} so "
            "that devstack starts its own."
        )
