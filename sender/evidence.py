"""The carrier's message list as evidence: which windows of it to read, and which row is which try. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from carrier.port import Listed
from schemas.journal import Claimed

MARGIN = timedelta(seconds=5)
"""The carrier's clock may differ, and its times are whole seconds."""


@dataclass(frozen=True)
class Open:
    """A try of which nobody knows what came, and when it was posted."""

    claim: Claimed
    posted_at: datetime


@dataclass(frozen=True)
class Window:
    """A stretch of the list that would show some tries."""

    since: datetime
    until: datetime
    tries: tuple[Open, ...]


def windows(tries: Iterable[Open], lasts: timedelta) -> list[Window]:
    """The stretches to read, none overlapping: a try is accepted at most ``lasts`` after it was posted."""
    found: list[Window] = []
    for one in sorted(tries, key=lambda t: t.posted_at):
        since, until = one.posted_at - MARGIN, one.posted_at + lasts + MARGIN
        if found and since <= found[-1].until:
            found[-1] = Window(found[-1].since, until, (*found[-1].tries, one))
        else:
            found.append(Window(since, until, (one,)))
    return found


def matches(
    rows: Iterable[Listed], tries: Iterable[Open], known: set[str], ref_of: Callable[[str], str]
) -> list[tuple[Open, Listed]]:
    """The row of each try that has one. A phone has one try open, so a row of it that no text owns is it.

    ``ref_of`` gives the reference of a number; rows hold no text to tell two apart by.
    """
    of_phone = {one.claim.text.phone_ref: one for one in tries}
    found = []
    for row in sorted(rows, key=lambda r: r.at):
        one = None if row.inbound or row.carrier_uuid in known else of_phone.get(ref_of(row.to))
        if one is not None and row.at >= one.posted_at - MARGIN:
            found.append((one, row))
            del of_phone[one.claim.text.phone_ref]
    return found
