"""Who calls the API: bearer tokens, of which we know only the SHA-256, with a workspace and a role."""

import hashlib
import string
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

from litestar import Request

from gateway.problems import Refusal
from runtime.config import BadConfig

Role = Literal["reader", "upstream", "coordinator", "admin"]
Action = Literal["read", "bookings", "upstream_consent", "withdraw", "grant", "settings"]
ANY_WORKSPACE = "*"
ALLOWED: dict[Role, frozenset[Action]] = {
    "reader": frozenset({"read"}),
    "upstream": frozenset({"read", "bookings", "upstream_consent", "settings"}),
    "coordinator": frozenset({"read", "withdraw"}),
    "admin": frozenset({"read", "bookings", "withdraw", "grant", "settings"}),
}
"""``withdraw`` and ``grant`` are consent by staff; only an admin grants."""


@dataclass(frozen=True)
class Caller:
    """Someone with a token."""

    workspace: str
    role: Role

    def check(self, action: Action, workspace_id: str) -> None:
        """Raise ``Refusal`` (403) unless this caller may do this in this workspace."""
        if action not in ALLOWED[self.role]:
            raise Refusal(403, f"the role {self.role} may not do this")
        if self.workspace not in (ANY_WORKSPACE, workspace_id):
            raise Refusal(403, "this token is for another workspace")

    def sees(self, workspace_id: str | None) -> bool:
        """Whether what belongs to this workspace (None: to none) may be shown."""
        return self.workspace in (ANY_WORKSPACE, workspace_id)


def read_tokens(setting: str) -> dict[str, Caller]:
    """The callers by the SHA-256 of their token. Raises ``BadConfig`` for what can't be read."""
    return dict(_read(part.strip()) for part in setting.split(",") if part.strip())


def _read(part: str) -> tuple[str, Caller]:
    digest, _, rest = part.partition(":")
    workspace, _, role = rest.rpartition(":")
    if len(digest) != 64 or not set(digest.lower()) <= set(string.hexdigits):
        raise BadConfig("API_TOKENS: an entry does not begin with 64 hex digits")
    if role not in get_args(Role) or not workspace:
        raise BadConfig(
            f"API_TOKENS: entries are HEX:workspace:role, role one of {', '.join(get_args(Role))}"
        )
    return digest.lower(), Caller(workspace, cast(Role, role))


def caller_of(request: Request[Any, Any, Any], callers: dict[str, Caller]) -> Caller:
    """Who sent this request. Raises ``Refusal`` (401)."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    # Only the hash is looked up: how long that takes tells nothing about a token.
    caller = callers.get(hashlib.sha256(token.strip().encode(errors="replace")).hexdigest())
    if scheme.lower() != "bearer" or caller is None:
        raise Refusal(401, "send a valid token: Authorization: Bearer ...")
    return caller
