"""Is the process alive, and can it do its work?"""

import asyncio

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency

from gateway.edge import Edge


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
