"""Who is signed in: a cookie that only we can make, bound to a token, for some hours. Nothing is stored."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.auth import Caller, live


@dataclass(frozen=True)
class Session:
    """Someone who signed in. ``value`` is the cookie's."""

    value: str
    caller: Caller


def open_session(key: bytes, digest: str, now: datetime, valid: timedelta) -> str:
    """The cookie's value for the holder of the token with this SHA-256."""
    until = int((now + valid).timestamp())
    return f"{digest}.{until}.{_mac(key, digest, until)}"


def read_session(key: bytes, value: str, callers: dict[str, Caller], now: datetime) -> Session | None:
    """The session, while it and its token are valid: a token taken away ends its sessions at once."""
    digest, _, rest = value.partition(".")
    until, _, mac = rest.partition(".")
    if len(digest) != 64 or not (until.isascii() and until.isdigit() and len(until) < 12):
        return None
    if not hmac.compare_digest(mac.encode(), _mac(key, digest, int(until)).encode()):
        return None
    caller = live(callers.get(digest), now)
    return Session(value, caller) if caller is not None and now.timestamp() < int(until) else None


def _mac(key: bytes, digest: str, until: int) -> str:
    text = f"{digest}\n{until}".encode()
    return hashlib.blake2b(text, key=key, digest_size=16, person=b"session").hexdigest()
