"""Whether this worker is still a member of its group: asked of the coordinator, believed for a while."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from aiokafka.errors import KafkaError

from streams.lane.errors import LaneError, Superseded

_RETRY_S = 0.2
Ask = Callable[[int], Awaitable[bool]]


class Membership:
    """A worker that was frozen wakes with old beliefs; before it writes it must hold a fresh answer."""

    def __init__(
        self, ask: Ask, *, lease_s: float, timeout_s: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """``ask``: whether we are a member of a generation. An answer holds ``lease_s``: under the session
        timeout, so that nobody can have taken over. No answer within ``timeout_s``: ``LaneError``.
        """
        self._ask, self._lease_s, self._timeout_s, self._clock = ask, lease_s, timeout_s, clock
        self._asking = asyncio.Lock()
        self._asked_at = float("-inf")
        self._generation = -1

    async def confirm(self, generation: int, *, now: bool = False) -> None:
        """Return if we are a member of ``generation``; ``now``: as of this moment, by a new question.

        Raises ``Superseded`` if we are not, ``LaneError`` if the coordinator does not answer in time.
        """
        if not now and self._is_fresh(generation):
            return
        called_at = self._clock()
        async with self._asking:
            if self._is_fresh(generation) and (not now or self._asked_at > called_at):
                return
            await self._answer(generation)

    def _is_fresh(self, generation: int) -> bool:
        return generation == self._generation and self._clock() - self._asked_at < self._lease_s

    async def _answer(self, generation: int) -> None:
        deadline = self._clock() + self._timeout_s
        while True:
            asked_at = self._clock()
            try:
                async with asyncio.timeout(max(deadline - asked_at, 0.001)):
                    member = await self._ask(generation)
            except (KafkaError, TimeoutError) as error:
                if self._clock() >= deadline:
                    raise LaneError(f"no answer within {self._timeout_s} s whether we are members") from error
                await asyncio.sleep(_RETRY_S)
                continue
            if not member:
                raise Superseded(f"this worker is no member of generation {generation} any more")
            self._asked_at, self._generation = asked_at, generation
            return
