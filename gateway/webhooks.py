"""The carrier's webhooks: what phones text to us, and what became of each text.

Nothing is believed that is not signed; the answer tells a forger nothing. 200 means that Kafka has it:
without one in time the carrier repeats after 1, 2 and 4 minutes.
"""

import hmac
from typing import Any, Literal

import structlog
from litestar import MediaType, Request, Response, Router, post
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.params import FromPath

from carrier.signature import verify
from gateway import counters, problems
from gateway.edge import Edge
from gateway.forms import BODY_MAX_BYTES, Pairs, read_pairs, signed_url
from gateway.inbound import take_inbound
from gateway.reports import take_report
from rules.links import read_status_token
from runtime.config import Config

log = structlog.get_logger()
ANSWER = b'<?xml version="1.0" encoding="UTF-8"?><Response/>'
"""Plivo wants XML; anything in it would be sent as a text, past the gate."""
Web = Request[Any, Any, Any]
Webhook = Literal["inbound", "status"]
Scheme = Literal["v3", "v2"]


@post("/{secret:str}/inbound", status_code=200, summary="A text from a phone", include_in_schema=False)
async def inbound(request: Web, secret: FromPath[str], edge: NamedDependency[Edge]) -> Response[bytes]:
    """Keep a reply; a STOP takes effect at once."""
    raw = await request.body()
    pairs, scheme = _proven(request, raw, edge.config, f"/webhooks/plivo/{secret}/inbound")
    if pairs is None or scheme is None or not _is_live(secret, edge.config):
        return _refuse("inbound")
    return _answer("inbound", await take_inbound(edge, dict(pairs), raw, scheme))


@post("/status/{token:str}", status_code=200, summary="A delivery report", include_in_schema=False)
async def status(request: Web, token: FromPath[str], edge: NamedDependency[Edge]) -> Response[bytes]:
    """Pass on a delivery report of the try that the path names."""
    raw = await request.body()
    pairs, scheme = _proven(request, raw, edge.config, f"/webhooks/plivo/status/{token}")
    named = read_status_token(edge.config.callback_secret.encode(), token)
    if pairs is None or scheme is None or named is None:
        return _refuse("status")
    return _answer("status", await take_report(edge, dict(pairs), raw, named))


def _proven(request: Web, raw: bytes, config: Config, path: str) -> tuple[Pairs | None, Scheme | None]:
    """The form, and the signature scheme that proves it; None where there is none."""
    pairs = read_pairs(raw)
    if pairs is None:
        return None, None
    url = signed_url(request, config.public_url.rstrip("/"), path)
    scheme = verify("POST", url, request.headers, pairs, config.signing_tokens(), config.signatures)
    counters.SIGNATURES.labels(scheme or "none").inc()
    return pairs, scheme


def _is_live(secret: str, config: Config) -> bool:
    """Whether the secret path part is one of the two live ones; compares all, so that time tells nothing."""
    live = False
    for one in config.webhook_secrets.split(",")[:2]:
        live |= bool(one.strip()) and hmac.compare_digest(one.strip().encode(), secret.encode())
    return live


def _refuse(webhook: Webhook) -> Response[bytes]:
    counters.WEBHOOKS.labels(webhook, "forged").inc()
    return Response(b"", status_code=403, media_type=MediaType.TEXT)


def _answer(webhook: Webhook, outcome: str) -> Response[bytes]:
    counters.WEBHOOKS.labels(webhook, outcome).inc()
    if outcome == "not_taken":
        return Response(b"", status_code=503, media_type=MediaType.TEXT)
    return Response(ANSWER, status_code=200, media_type="application/xml")


routes = Router(
    "/webhooks/plivo",
    route_handlers=[inbound, status],
    request_max_body_size=BODY_MAX_BYTES,
    exception_handlers={HTTPException: problems.empty, Exception: problems.empty},
)
