"""Who calls the API: bearer tokens, of which we know only the SHA-256, with a workspace and a role."""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Literal, cast, get_args

from litestar import Request

from gateway.problems import Refusal
from runtime.config import BadConfig

Role = Literal["reader", "upstream", "coordinator", "admin"]
Action = Literal[
    "read", "bookings", "upstream_consent", "withdraw", "grant", "settings", "day_of", "replies", "pages"
]
ANY_WORKSPACE = "*"
ALLOWED: dict[Role, frozenset[Action]] = {
    "reader": frozenset({"read"}),
    "upstream": frozenset({"read", "bookings", "upstream_consent", "settings"}),
    "coordinator": frozenset({"read", "withdraw", "day_of", "replies", "pages"}),
    "admin": frozenset({"read", "bookings", "withdraw", "grant", "settings", "day_of", "replies", "pages"}),
}
"""``withdraw`` and ``grant`` are consent by staff; only an admin grants. ``pages``: numbers and words."""
_ENTRY = re.compile(
    r"(?P<digest>[0-9a-fA-F]{64}):(?P<workspace>.+?):(?P<role>reader|upstream|coordinator|admin)"
    r"(?::(?P<until>\d{4}-\d\d-\d\d))?(?::(?P<name>[^:]+))?"
)


@dataclass(frozen=True)
class Caller:
    """Someone with a token."""

    workspace: str
    role: Role
    until: datetime | None = None
    """Not valid from then on."""
    name: str = ""
    """Who holds it, as it stands beside what they change."""

    def may(self, action: Action) -> bool:
        """Whether the role allows it."""
        return action in ALLOWED[self.role]

    def check(self, action: Action, workspace_id: str) -> None:
        """Raise ``Refusal`` (403) unless this caller may do this in this workspace."""
        if action not in ALLOWED[self.role]:
            raise Refusal(403, f"the role {self.role} may not do this")
        if self.workspace not in (ANY_WORKSPACE, workspace_id):
            raise Refusal(403, "this token is for another workspace")

    def sees(self, workspace_id: str | None) -> bool:
        """Whether what belongs to this workspace (None: to none) may be shown."""
        return self.workspace in (ANY_WORKSPACE, workspace_id)


def read_tokens(setting: str, *, must_end: bool = False) -> dict[str, Caller]:
    """The callers by the SHA-256 of their token. Raises ``BadConfig`` for what can't be read.

    ``must_end``: every token names the day it ends with.
    """
    return dict(_read(part.strip(), must_end=must_end) for part in setting.split(",") if part.strip())


def _read(part: str, *, must_end: bool) -> tuple[str, Caller]:
    read = _ENTRY.fullmatch(part)
    if read is None:
        raise BadConfig(
            "API_TOKENS: entries are HEX:workspace:role:YYYY-MM-DD:name, 64 hex digits, role one of "
            f"{', '.join(get_args(Role))}; `reminders token` makes one"
        )
    if must_end and read["until"] is None:
        raise BadConfig("API_TOKENS: in production every token names its last day; `reminders token` does")
    until = None if read["until"] is None else _end_of(read["until"])
    return read["digest"].lower(), Caller(
        read["workspace"], cast(Role, read["role"]), until, read["name"] or ""
    )


def _end_of(day: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(day), time.max, UTC)
    except ValueError:
        raise BadConfig(f"API_TOKENS: {day} is no day") from None


def digest_of(token: str) -> str:
    """What we know of a token."""
    return hashlib.sha256(token.strip().encode(errors="replace")).hexdigest()


def live(caller: Caller | None, now: datetime) -> Caller | None:
    """The caller, while their token is valid."""
    return caller if caller is not None and (caller.until is None or now < caller.until) else None


def caller_of(
    request: Request[Any, Any, Any], callers: dict[str, Caller], now: datetime
) -> tuple[str, Caller]:
    """Digest and holder of a request's token, however the header spells them. Raises ``Refusal`` (401)."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    digest = digest_of(token)
    # Only the hash is looked up: how long that takes tells nothing about a token.
    caller = live(callers.get(digest), now)
    if scheme.lower() != "bearer" or caller is None:
        raise Refusal(401, "send a valid token: Authorization: Bearer ...")
    return digest, caller
