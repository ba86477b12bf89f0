"""What all handlers of the web edge share."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from gateway.auth import Caller
from gateway.drain import Drains
from gateway.flags import Flags
from gateway.limits import Limit, Limits
from gateway.lookup import Knows
from gateway.outlet import Publishes
from gateway.spool import Spool
from rules.policy import Policy
from runtime.config import Config

REPEATS_PER_HOUR = 10
"""So often one form may be sent again, by a double click or while Kafka is away, before it counts anew."""


def utc_now() -> datetime:
    """The time by this machine's clock."""
    return datetime.now(UTC)


def random_name() -> str:
    """96 random bits, for what is shown once: a form."""
    return secrets.token_urlsafe(12)


def limits_of(config: Config) -> Limits:
    """The limits as the settings say, nothing counted yet."""
    hour, day = timedelta(hours=1), timedelta(days=1)
    return Limits(
        wrong_tokens=Limit(config.wrong_tokens_per_hour, hour),
        wrong_links=Limit(config.wrong_links_per_hour, hour),
        api=Limit(config.api_per_minute, timedelta(minutes=1)),
        repeats=Limit(REPEATS_PER_HOUR, hour),
        sign_ups={
            "phone": Limit(config.sign_ups_per_phone_day, day),
            "ip": Limit(config.sign_ups_per_ip_hour, hour),
            "page": Limit(config.sign_ups_per_page_hour, hour),
            "prefix": Limit(config.sign_ups_per_prefix_hour, hour),
            "workspace": Limit(config.sign_ups_per_workspace_hour, hour),
            "all": Limit(config.sign_ups_per_day, day),
        },
    )


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
    limits: Limits
    clock: Callable[[], datetime] = utc_now
    random_name: Callable[[], str] = random_name
