"""Structured logs: one JSON object a line, allow-listed fields only, so that no number or text slips in."""

import logging
from collections.abc import MutableMapping
from typing import Any

import structlog

_LINES = (
    "event level timestamp alert error topics topic partition partitions count phone_ref text_id",
    "workspace_id attempt reason source drained flag state status claim_id epoch name stage waited_s",
    "signature kind path offset drift_s carrier_code closed method route duration_ms",
)
FIELDS = frozenset(field for line in _LINES for field in line.split())
"""What a log line may say; anything else is dropped."""


def only_listed(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop every field that is not on the list."""
    dropped = [name for name in event if name not in FIELDS]
    for name in dropped:
        del event[name]
    return event


def configure(level: str = "INFO") -> None:
    """Set up structlog for this process, and keep libraries' own logs to warnings."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    structlog.configure(
        processors=[
            only_listed,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        cache_logger_on_first_use=True,
    )
