"""What an agent iterates over: batches, one at a time in the whole worker."""

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from streams.lane.batch import Batch
from streams.lane.delivery import Delivered
from streams.lane.errors import LaneError

if TYPE_CHECKING:
    from streams.lane.lane import Lane


class Batches:
    """Turns the deliveries of a Faust stream into batches, each to be used as ``async with batch``."""

    def __init__(self, lane: "Lane", deliveries: AsyncIterator[Delivered]) -> None:
        self._lane = lane
        self._deliveries = deliveries
        self._last: Batch | None = None

    def __aiter__(self) -> "Batches":
        return self

    async def __anext__(self) -> Batch:
        while True:
            batch = await self._lane.admit(await self._next())
            if batch is not None and len(batch):
                self._last = batch
                return batch
            if batch is not None:  # only holes, or a replay of what is known: nothing to do but to count it
                await self._lane.leave(batch, None)

    async def _next(self) -> Delivered:
        last, self._last = self._last, None
        if self._lane.failed is not None:
            await asyncio.get_running_loop().create_future()  # until the worker has stopped
        if last is not None and not last.closed:
            error = LaneError(f"{last.tp}: a batch was not entered: async with batch")
            await self._lane.leave(last, error)
            raise error
        if last is not None and last.rest is not None:
            return last.rest
        return await anext(self._deliveries)
