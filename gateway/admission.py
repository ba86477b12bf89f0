"""Who may come in: a token that is known, still valid, and not used too often; guessing is slow."""

import math
from datetime import timedelta
from typing import Any

from litestar import Request

from gateway import counters, pages
from gateway.auth import Caller, caller_of, digest_of, live
from gateway.edge import Edge
from gateway.limits import block_of
from gateway.problems import Refusal

Web = Request[Any, Any, Any]


def admit(request: Web, edge: Edge) -> Caller:
    """The caller of an API request. Raises ``Refusal``: 401, or 429 with the time to wait."""
    now, ip = edge.clock(), pages.visitor_ip(request)
    refuse_guessing(edge, ip)
    try:
        digest, caller = caller_of(request, edge.callers, now)
    except Refusal:
        edge.limits.wrong_tokens.count(block_of(ip), now)
        raise
    wait = edge.limits.api.take(digest, now)
    if wait is not None:
        raise _too_often("api", wait, "this token was used too often; slow down")
    return caller


def known_token(edge: Edge, ip: str, token: str) -> tuple[str, Caller] | None:
    """The digest and holder of a token typed into the sign-in page; a wrong one counts for its address.

    Raises ``Refusal`` (429) where too many were wrong.
    """
    refuse_guessing(edge, ip)
    digest = digest_of(token)
    caller = live(edge.callers.get(digest), edge.clock())
    if caller is None:
        edge.limits.wrong_tokens.count(block_of(ip), edge.clock())
        return None
    return digest, caller


def refuse_guessing(edge: Edge, ip: str) -> None:
    """Raise ``Refusal`` (429) for an address that sent too many wrong tokens, even with a right one."""
    wait = edge.limits.wrong_tokens.wait(block_of(ip), edge.clock())
    if wait is not None:
        raise _too_often("wrong_token", wait, "too many wrong tokens came from your address")


def _too_often(limit: str, wait: timedelta, detail: str) -> Refusal:
    counters.LIMITED.labels(limit).inc()
    return Refusal(429, detail, retry_after_s=math.ceil(wait.total_seconds()))
