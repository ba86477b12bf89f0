"""How often one may do something: a count for each name in a window of time, forgotten with the process.

Each gateway counts for itself: with several, behind one address, a limit is theirs together at most.
"""

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import AddressValueError, IPv6Address, IPv6Network

NAMES_MAX = 20_000
"""Names remembered of one limit; the one unused for longest goes first, so that memory stays bounded."""


@dataclass
class Limit:
    """At most ``most`` within ``window`` for each name."""

    most: int
    window: timedelta
    _seen: OrderedDict[str, deque[datetime]] = field(default_factory=OrderedDict)

    def wait(self, name: str, now: datetime) -> timedelta | None:
        """How long until one more is allowed; None: it is now. Counts nothing."""
        seen = self._seen.get(name)
        while seen and seen[0] <= now - self.window:
            seen.popleft()
        return seen[0] + self.window - now if seen and len(seen) >= self.most else None

    def so_far(self, name: str, now: datetime) -> int:
        """How many were done within the window, at most ``most``."""
        return sum(at > now - self.window for at in self._seen.get(name, ()))

    def count(self, name: str, now: datetime) -> None:
        """One more was done."""
        seen = self._seen.setdefault(name, deque(maxlen=self.most))
        seen.append(now)
        self._seen.move_to_end(name)
        if len(self._seen) > NAMES_MAX:
            self._seen.popitem(last=False)

    def take(self, name: str, now: datetime) -> timedelta | None:
        """Count one more if it is allowed (None); else how long to wait."""
        wait = self.wait(name, now)
        if wait is None:
            self.count(name, now)
        return wait


def block_of(ip: str) -> str:
    """What one visitor may hold: an IPv4 address, or the network of 64 bits that a household gets."""
    try:
        address = IPv6Address(ip)
    except AddressValueError:
        return ip
    mapped = address.ipv4_mapped
    return str(mapped) if mapped else str(IPv6Network((int(address) >> 64 << 64, 64)))


@dataclass(frozen=True)
class Limits:
    """What the edge bounds. A wrong token counts for its address; a sign-up for all that it names."""

    wrong_tokens: Limit
    wrong_links: Limit
    api: Limit
    repeats: Limit
    """By ``sign_up_id``: the same form sent again is no further sign-up."""
    sign_ups: dict[str, Limit]
    """By ``phone``, ``ip``, ``page``, ``prefix``, ``workspace`` and ``all``."""
