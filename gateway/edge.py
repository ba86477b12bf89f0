"""What all handlers of the web edge share."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from gateway.auth import Caller
from gateway.drain import Drains
from gateway.flags import Flags
from gateway.lookup import Knows
from gateway.outlet import Publishes
from gateway.spool import Spool
from rules.policy import Policy
from runtime.config import Config


def utc_now() -> datetime:
    """The time by this machine's clock."""
    return datetime.now(UTC)


def random_name() -> str:
    """96 random bits, for what is shown once: a form."""
    return secrets.token_urlsafe(12)


@dataclass(frozen=True, kw_only=True)
class Edge:
    """The parts of the edge. ``callers`` by the SHA-256 of their token."""

    config: Config
    policy: Policy
    publisher: Publishes
    flags: Flags
    drains: Drains
    spool: Spool
    records: Knows
    callers: dict[str, Caller]
    clock: Callable[[], datetime] = utc_now
    random_name: Callable[[], str] = random_name
