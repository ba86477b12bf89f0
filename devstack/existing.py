"""Servers that exist already, named by the environment: used as they are, nothing is started for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from devstack import ports
from devstack.errors import StackError


@dataclass(frozen=True)
class Existing:
    """What one environment variable names: its `value` as given, and the `host:port` in it (no password)."""

    name: str
    variable: str
    value: str
    places: tuple[tuple[str, int], ...]

    @property
    def address(self) -> str:
        """Where it is, fit for logs."""
        return ",".join(f"{host}:{port}" for host, port in self.places)

    def answers(self) -> bool:
        """Whether one of its places accepts a connection."""
        return any(ports.answers(host, port, timeout_s=5.0) for host, port in self.places)

    def check(self) -> None:
        """Raise unless it answers."""
        if not self.answers():
            raise StackError(
                f"{self.variable} names a server that does not answer ({self.address}). Start it, or unset "
                f"{self.variable} so that devstack starts its own."
            )


def kafka(environ: Mapping[str, str]) -> Existing | None:
    """The brokers of `KAFKA_BOOTSTRAP_SERVERS` (`host:port,...`); None if it is unset or empty."""
    variable = "KAFKA_BOOTSTRAP_SERVERS"
    value = environ.get(variable, "")
    places = [urlsplit(f"//{place.strip()}") for place in value.split(",")]
    located = tuple((place.hostname or "", place.port or 9092) for place in places)
    return Existing("kafka", variable, value, located) if value else None


def redis(environ: Mapping[str, str]) -> Existing | None:
    """The server of `REDIS_URL` (`redis://...`); None if it is unset or empty."""
    variable = "REDIS_URL"
    value = environ.get(variable, "")
    place = urlsplit(value)
    return (
        Existing("redis", variable, value, ((place.hostname or "", place.port or 6379),)) if value else None
    )
