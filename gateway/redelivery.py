"""From the spool to Kafka once it is back; what a process left behind when it ended, too."""

import asyncio
from itertools import islice

import structlog

from gateway.counters import SPOOLED
from gateway.edge import Edge
from gateway.handing import hand_over

log = structlog.get_logger()
BATCH = 100


async def redeliver(edge: Edge) -> None:
    """Run until cancelled."""
    while True:
        try:
            await redeliver_once(edge)
        except OSError as error:
            log.error("spool_unreadable", alert=True, error=type(error).__name__)
        await asyncio.sleep(edge.config.spool_interval_s)


async def redeliver_once(edge: Edge) -> int:
    """Bring what waits to Kafka; how many messages it has now."""
    waiting = await edge.spool.waiting()
    delivered, items = 0, iter(waiting.items())
    while batch := dict(islice(items, BATCH)):
        if not await hand_over(edge, batch.values()):
            break
        await edge.spool.forget(list(batch))
        delivered += len(batch)
    SPOOLED.set(len(waiting) - delivered)
    if waiting:
        log.warning("spool", count=len(waiting) - delivered, alert=delivered < len(waiting))
    return delivered
