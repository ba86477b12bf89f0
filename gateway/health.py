"""Is the process alive, can it do its work, and what did it count?"""

import asyncio
from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from gateway import problems
from gateway.admission import admit
from gateway.auth import ANY_WORKSPACE
from gateway.edge import Edge
from gateway.problems import Refusal


class Readiness(msgspec.Struct, frozen=True):
    """Which servers answer now."""

    kafka: bool
    redis: bool
    records: bool


@get("/health", include_in_schema=False, media_type="text/plain")
async def health() -> str:
    """The process answers."""
    return "alive"


@get("/ready", include_in_schema=False)
async def ready(edge: NamedDependency[Edge]) -> Response[Readiness]:
    """200 if Kafka, Redis and the records answer now, else 503 and which do not."""
    found = await asyncio.gather(edge.publisher.reachable(), edge.flags.reachable(), edge.records.reachable())
    return Response(Readiness(*found), status_code=200 if all(found) else 503)


@get("/metrics", include_in_schema=False, exception_handlers={Refusal: problems.refused})
async def metrics(request: Request[Any, Any, Any], edge: NamedDependency[Edge]) -> Response[bytes]:
    """Counters for Prometheus, for a token of any role that is for every workspace."""
    if admit(request, edge).workspace != ANY_WORKSPACE:
        raise Refusal(403, "counters are of all workspaces")
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
