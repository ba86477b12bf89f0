"""Everything Plivo, or what stands in front of it, may put on the wire for a send.

A plain answer is one write; a fault takes the connection's transport, which `simulator.server` puts into the
request's scope.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from dataclasses import dataclass, field
from typing import Literal, get_args

import msgspec
from litestar.response.base import ASGIResponse
from litestar.types import ASGIApp, Receive, Scope, Send

AnswerName = Literal[
    "202", "200", "201", "202-invalid", "202-empty", "202-html", "202-no-uuid", "202-empty-uuid",
    "202-string", "202-list", "302", "400", "401", "402", "403", "404", "405", "408", "409", "413", "422",
    "429", "429-json", "429-html", "429-empty", "500", "502", "503", "504",
    "hang", "close", "reset", "truncated", "drip",
]  # fmt: skip

ANSWERS: frozenset[str] = frozenset(get_args(AnswerName))
FAULTS: frozenset[str] = frozenset({"hang", "close", "reset", "truncated", "drip"})

# Answers that suggest, rightly or not, that the carrier has the message.
ACCEPTING: frozenset[str] = (
    frozenset(name for name in ANSWERS if name.startswith("20")) - {"202-invalid"} | FAULTS | {"302"}
)

_ERRORS = {
    400: "invalid parameter", 402: "Insufficient credit", 403: "geo permission denied", 404: "not found",
    405: "method not allowed", 408: "request timeout", 409: "conflict", 413: "request entity too large",
    422: "unprocessable entity", 429: "too many requests", 500: "internal error",
}  # fmt: skip
_DRIP_S = 0.2


@dataclass(frozen=True)
class Sent:
    """What a 202 tells: the accepted messages' ids in the order of their numbers, and the numbers refused."""

    api_id: str
    uuids: list[str]
    invalid: list[str] = field(default_factory=list)


def json_answer(status: int, content: object, headers: dict[str, str] | None = None) -> ASGIResponse:
    """A JSON answer."""
    return ASGIResponse(status_code=status, body=msgspec.json.encode(content), headers=headers)


def error(status: int, api_id: str, text: str | None = None) -> ASGIResponse:
    """A refusal as Plivo writes it: JSON, except 401, which is plain text with an HTML content type."""
    if status == 401:
        body = "Could not verify your access level for that URL.\nYou have to login with proper credentials"
        return ASGIResponse(
            status_code=401,
            body=body,
            media_type="text/html",
            headers={"WWW-Authenticate": 'Basic realm="Login Required"'},
        )
    return json_answer(status, {"api_id": api_id, "error": text or _ERRORS.get(status, "error")})


def _page(status: int, title: str) -> ASGIResponse:
    body = f"<html><head><title>{status} {title}</title></head><body><h1>{title}</h1></body></html>"
    return ASGIResponse(status_code=status, body=body, media_type="text/html")


def sent(told: Sent, status: int = 202) -> ASGIResponse:
    """The good answer."""
    return json_answer(status, _sent_content(told))


def _sent_content(told: Sent) -> dict[str, object]:
    content: dict[str, object] = {
        "message": "message(s) queued",
        "message_uuid": told.uuids,
        "api_id": told.api_id,
    }
    return content | ({"invalid_number": told.invalid} if told.invalid else {})


def _odd(name: str, told: Sent, dst: str) -> ASGIResponse | None:
    """The answers that are neither good nor a plain refusal."""
    content = _sent_content(told)
    odd = {
        "202-invalid": content | {"message_uuid": [], "invalid_number": [dst]},
        "202-no-uuid": {key: value for key, value in content.items() if key != "message_uuid"},
        "202-empty-uuid": content | {"message_uuid": [""]},
        "202-string": content | {"message_uuid": "".join(told.uuids)},
        "202-list": [content],
    }.get(name)
    return None if odd is None else json_answer(202, odd)


def answer(name: AnswerName, told: Sent, dst: str, hang_s: float) -> ASGIApp:
    """The answer of that name as an ASGI application."""
    if name in ("202", "200", "201"):
        return sent(told, int(name))
    if name in FAULTS:
        return _Fault(name, msgspec.json.encode(_sent_content(told)), hang_s)
    pages = {
        "202-empty": ASGIResponse(status_code=202, media_type="application/json"),
        "202-html": _page(202, "Accepted"),
        "302": ASGIResponse(status_code=302, headers={"Location": "/v1/elsewhere/"}, media_type="text/html"),
        "429-html": _page(429, "Too Many Requests"),
        "429-empty": ASGIResponse(status_code=429, media_type="text/plain"),
        "429-json": error(429, told.api_id),
        "429": json_answer(429, {"api_id": told.api_id, "error": _ERRORS[429]}, {"Retry-After": "1"}),
        "502": _page(502, "Bad Gateway"),
        "503": _page(503, "Service Temporarily Unavailable"),
        "504": _page(504, "Gateway Time-out"),
    }
    return pages.get(name) or _odd(name, told, dst) or error(int(name), told.api_id)


@dataclass(frozen=True)
class _Fault:
    """An answer that goes wrong on the wire."""

    name: str
    body: bytes
    hang_s: float

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        transport: asyncio.Transport = scope["state"]["transport"]
        if self.name == "hang":
            await _until_gone(receive, self.hang_s)
        elif self.name == "drip":
            await self._drip(send, transport)
        elif self.name == "truncated":
            await self._start(send)
            await send(
                {"type": "http.response.body", "body": self.body[: len(self.body) // 2], "more_body": True}
            )
        elif self.name == "reset":
            _linger_no_more(transport)
        transport.close()
        await _until_gone(receive, 1.0)

    async def _start(self, send: Send) -> None:
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(self.body)).encode())]
        await send({"type": "http.response.start", "status": 202, "headers": headers})

    async def _drip(self, send: Send, transport: asyncio.Transport) -> None:
        await self._start(send)
        last = len(self.body) - 1
        for position in range(len(self.body)):
            if transport.is_closing():
                return
            byte = self.body[position : position + 1]
            await send({"type": "http.response.body", "body": byte, "more_body": position < last})
            await asyncio.sleep(_DRIP_S)


async def _until_gone(receive: Receive, timeout_s: float) -> None:
    """Wait until the client has gone, `timeout_s` at most."""
    try:
        async with asyncio.timeout(timeout_s):
            while (await receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
        pass


def _linger_no_more(transport: asyncio.Transport) -> None:
    """Make the close a reset."""
    connection: socket.socket = transport.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
