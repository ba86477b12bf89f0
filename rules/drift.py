"""Where our opt-outs and the carrier's differ, as far as its refusals and deliveries show. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from rules.consent import is_stopped
from schemas.rows import PhoneStops

BLOCKED = "200"
"""The carrier's code for a text to a phone that opted out there."""
LET_THROUGH = ("sent", "delivered")


@dataclass(frozen=True, kw_only=True)
class Tried:
    """A text that the carrier said something of: when its try began, and what was said."""

    text_id: str
    phone_ref: str
    workspace_id: str | None
    tried_at: datetime
    status: str
    code: str | None


@dataclass(frozen=True, kw_only=True)
class Difference:
    """``only_carrier``: it refuses, and we would text; ``only_ours``: it lets through, and we are silent."""

    kind: Literal["only_carrier", "only_ours"]
    last: Tried
    """The text that shows it."""
    stop_at: datetime | None
    start_at: datetime | None


def difference(stops: PhoneStops, tried: Iterable[Tried]) -> Difference | None:
    """The difference on a phone, by the last text that the carrier refused or let through.

    What was tried before our last STOP or START shows how it was before, not how it is. Answers to replies
    are to be left out: the carrier lets one through after a STOP.
    """
    since = max((at for at in (stops.stop_at, stops.start_at) if at is not None), default=None)
    told = [one for one in tried if _verdict(one) and (since is None or one.tried_at > since)]
    if not told:
        return None
    last = max(told, key=lambda one: one.tried_at)
    refused, stopped = _verdict(last) == "refused", is_stopped(stops)
    if refused == stopped:
        return None
    kind: Literal["only_carrier", "only_ours"] = "only_carrier" if refused else "only_ours"
    return Difference(kind=kind, last=last, stop_at=stops.stop_at, start_at=stops.start_at)


def _verdict(tried: Tried) -> Literal["refused", "let_through"] | None:
    if tried.code == BLOCKED:
        return "refused"
    return "let_through" if tried.status in LET_THROUGH else None
