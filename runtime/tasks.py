"""End background tasks for sure."""

import asyncio
from collections.abc import Collection
from typing import Any

AGAIN_S = 0.2


async def end_all(tasks: Collection[asyncio.Task[Any]]) -> None:
    """Cancel tasks, and return when they have ended.

    Once may not do: on Python 3.11 ``asyncio.wait_for`` loses a cancellation that comes with its result, and
    Redis' client sends every command through it.
    """
    while pending := [task for task in tasks if not task.done()]:
        for task in pending:
            task.cancel()
        await asyncio.wait(pending, timeout=AGAIN_S)
