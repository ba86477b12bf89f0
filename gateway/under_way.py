"""Waits for sends that are under way: one question to Redis at a time for all the phones waited for."""

import asyncio

from gateway.flags import AWAY, Flags


class UnderWay:
    """Asks as long as anybody waits, again after ``poll_s``: the sender tells nobody."""

    def __init__(self, flags: Flags, poll_s: float) -> None:
        self._flags, self._poll_s = flags, poll_s
        self._waiting: dict[asyncio.Future[None], str] = {}
        self._asking: asyncio.Task[None] | None = None

    async def over(self, phone_ref: str) -> None:
        """Return when Redis, asked after this call, says that no send to the phone is under way."""
        waits = asyncio.get_running_loop().create_future()
        self._waiting[waits] = phone_ref
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
        try:
            await waits
        finally:
            self._waiting.pop(waits, None)

    async def _ask(self) -> None:
        while self._waiting:
            await self._ask_once(dict(self._waiting))
            if self._waiting:
                await asyncio.sleep(self._poll_s)

    async def _ask_once(self, asked: dict[asyncio.Future[None], str]) -> None:
        """Who came while Redis was answering waits for the next question: theirs is a later flag."""
        try:
            sending = await self._flags.sending(set(asked.values()))
        except AWAY:
            return  # in doubt there is one: only time tells
        for waits, phone_ref in asked.items():
            if phone_ref not in sending and self._waiting.pop(waits, None) is not None and not waits.done():
                waits.set_result(None)
