"""What a client asks in `GET Message/`: filters, and which page.

Times are UTC, `YYYY-MM-DD HH:MM[:ss[.ffffff]]`; at most 20 messages a page.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode

import msgspec

from simulator.messages import PAGE, Filter, digits
from simulator.send_request import RequestError

_FORMATS = ("%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M")
_STATES = frozenset({"queued", "sent", "delivered", "undelivered", "failed", "rejected", "received", "read"})


@dataclass(frozen=True)
class ListRequest:
    """A checked list request; `given` is the query as it came, for the links to other pages."""

    filter: Filter
    limit: int
    offset: int
    given: dict[str, str]

    def link(self, auth_id: str, pages: int) -> str:
        """The path of the page `pages` further on, or back if negative."""
        offset = max(0, self.offset + pages * self.limit)
        query = self.given | {"limit": str(self.limit), "offset": str(offset)}
        return f"/v1/Account/{auth_id}/Message/?{urlencode(query)}"


def _time(written: str) -> datetime:
    for form in _FORMATS:
        try:
            return datetime.strptime(written, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise RequestError(400, "message_time is not a valid UTC time")


def _one_of(*allowed: str) -> Callable[[str], str]:
    def check(written: str) -> str:
        if written not in allowed:
            raise RequestError(400, f"must be one of {', '.join(sorted(allowed))}")
        return written

    return check


_FILTERS: dict[str, tuple[str, Callable[[str], object]]] = {
    "message_direction": ("direction", _one_of("inbound", "outbound")),
    "message_state": ("state", _one_of(*_STATES)),
    "message_type": ("message_type", _one_of("sms", "mms", "whatsapp")),
    "from_number": ("from_number", digits),
    "to_number": ("to_number", digits),
    "message_time__gt": ("gt", _time),
    "message_time__gte": ("gte", _time),
    "message_time__lt": ("lt", _time),
    "message_time__lte": ("lte", _time),
}


def _count(given: dict[str, str], name: str, default: int, lowest: int, highest: int) -> int:
    written = given.get(name, str(default))
    if not (written.isascii() and written.isdigit() and lowest <= int(written) <= highest):
        raise RequestError(400, f"{name} must be between {lowest} and {highest}")
    return int(written)


def parse_list(query: bytes) -> ListRequest:
    """The list request in a query string; RequestError for a wrong value. Unknown filters are ignored."""
    given = dict(parse_qsl(query.decode("latin-1"), keep_blank_values=True))
    fields = {field: read(given[name]) for name, (field, read) in _FILTERS.items() if given.get(name)}
    limit = _count(given, "limit", PAGE, 1, PAGE)
    offset = _count(given, "offset", 0, 0, 10**9)
    return ListRequest(msgspec.convert(fields, Filter), limit, offset, given)
