"""Wait a moment for what was asked to be decided and recorded, so that the page shows what came of it."""

import asyncio
from collections.abc import Callable

from sqlalchemy import Connection

from gateway.admin.staff import Staff

WAIT_S = 4.0
LOOK_S = 0.1


async def is_recorded(staff: Staff, question: Callable[[Connection], bool]) -> bool:
    """Whether it was recorded in time. Raises ``RecordsAway``."""
    loop = asyncio.get_running_loop()
    until = loop.time() + WAIT_S
    while not await staff.ask(question):
        if loop.time() > until:
            return False
        await asyncio.sleep(LOOK_S)
    return True
