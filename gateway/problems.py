"""Errors of the API as RFC 9457 problem details: what is wrong, in which field, and why; never the value."""

from collections.abc import Sequence
from typing import Any

import msgspec
import structlog
from litestar import MediaType, Request, Response
from litestar.exceptions import HTTPException

log = structlog.get_logger()
PROBLEM_JSON = "application/problem+json"
TITLES = {
    400: "Cannot be read",
    401: "Who are you?",
    403: "Not allowed",
    404: "Not found",
    405: "No such method here",
    413: "Too large",
    415: "Not JSON",
    422: "Cannot be accepted",
    429: "Too often",
    503: "Not taken, try again",
}


class FieldError(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that is wrong: a JSON path as ``phone`` or ``day_of.kind``, and the reason."""

    field: str
    reason: str
    index: int | None = None
    """Which of a list, from 0."""


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The body of every error of the API."""

    title: str
    status: int
    type: str = "about:blank"
    detail: str | None = None
    errors: tuple[FieldError, ...] = ()


class Refusal(Exception):
    """An error to answer with. ``errors`` name fields and reasons."""

    def __init__(
        self, status: int, detail: str, errors: Sequence[FieldError] = (), *, retry_after_s: int = 1
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.errors = status, detail, tuple(errors)
        self.retry_after_s = retry_after_s


def field_error(error: msgspec.DecodeError, index: int | None = None) -> FieldError:
    """Field and reason from msgspec's sentence: ``Expected `str`, got `int` - at `$.phone```."""
    reason, _, place = str(error).partition(" - at `")
    return FieldError(
        field=place.rstrip("`").removeprefix("$").lstrip(".") or "$", reason=reason, index=index
    )


def answer(
    status: int, detail: str | None = None, errors: tuple[FieldError, ...] = (), *, retry_after_s: int = 1
) -> Response[bytes]:
    """A problem as a response."""
    problem = Problem(title=TITLES.get(status, "Failed"), status=status, detail=detail, errors=errors)
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    if status in (429, 503):
        headers["Retry-After"] = str(retry_after_s)
    content = msgspec.json.encode(problem)
    return Response(content, status_code=status, media_type=PROBLEM_JSON, headers=headers)


def refused(_request: Request[Any, Any, Any], error: Refusal) -> Response[bytes]:
    """The answer to what we refused ourselves."""
    return answer(error.status, error.detail, error.errors, retry_after_s=error.retry_after_s)


def http_error(_request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """The answer to what the framework refused: no route, no method, too large."""
    return answer(error.status_code, error.detail if error.status_code < 500 else None)


def unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """The answer to our own mistake: said in the log, not to the caller."""
    log.error("unexpected", alert=True, route=str(request.route_handler), error=type(error).__name__)
    return answer(500)


def empty(_request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """For webhooks: a status without a word."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status >= 500:
        log.error("webhook_failed", alert=True, error=type(error).__name__)
    return Response(b"", status_code=status, media_type=MediaType.TEXT)
