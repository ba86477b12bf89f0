"""Hand messages to Kafka, in the ways the edge needs: or refuse, or keep them on disk until Kafka is back."""

import asyncio
from collections.abc import Iterable

import structlog

from gateway.edge import Edge
from gateway.outlet import NOT_TAKEN
from schemas.base import Message

log = structlog.get_logger()


async def hand_over(edge: Edge, messages: Iterable[Message]) -> bool:
    """Whether Kafka acknowledged all in time. If not, they may be there or not."""
    try:
        async with asyncio.timeout(edge.config.webhook_timeout_s):
            await edge.publisher.publish(messages)
    except NOT_TAKEN as error:
        log.warning("not_taken", error=type(error).__name__)
        return False
    return True


async def hand_over_or_keep(edge: Edge, name: str, message: Message) -> bool:
    """As ``hand_over``; what was not taken is on disk when this returns, and goes to Kafka later."""
    if await hand_over(edge, [message]):
        return True
    await edge.spool.keep(name, message)
    return False
