"""From the spool to Kafka once it is back; what a process left behind when it ended, too."""

import asyncio
import contextlib
from itertools import islice

import structlog

from gateway.edge import Edge
from gateway.flags import AWAY
from gateway.handing import hand_over
from gateway.replies import flag_of, silence
from schemas.base import Message
from schemas.sms import InboundSms

log = structlog.get_logger()
BATCH = 100


async def redeliver(edge: Edge) -> None:
    """Run until cancelled."""
    for message in (await edge.spool.waiting()).values():
        if isinstance(message, InboundSms):
            silence(edge, message)
    while True:
        try:
            await redeliver_once(edge)
        except OSError as error:
            log.error("spool_unreadable", alert=True, error=type(error).__name__)
        await asyncio.sleep(edge.config.spool_interval_s)


async def redeliver_once(edge: Edge) -> int:
    """Bring what waits to Kafka; how many messages it has now."""
    waiting = await edge.spool.waiting()
    await _raise_again(edge, list(waiting.values()))
    delivered, items = 0, iter(waiting.items())
    while batch := dict(islice(items, BATCH)):
        if not await hand_over(edge, batch.values()):
            break
        await edge.spool.forget(list(batch))
        delivered += len(batch)
    if waiting:
        log.warning("spool", count=len(waiting) - delivered, alert=delivered < len(waiting))
    return delivered


async def _raise_again(edge: Edge, messages: list[Message]) -> None:
    """A Redis that came back empty learns here of the opt-outs that Kafka has not yet."""
    with contextlib.suppress(*AWAY):
        for message in messages:
            flag = flag_of(message) if isinstance(message, InboundSms) else None
            if flag is not None:
                await edge.flags.raise_to(flag)
