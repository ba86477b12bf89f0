"""The records in threads of their own: a slow database holds up neither the loop nor the spool."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from gateway.lookup import BookingView, ManagedEvent, RecordsAway, TextView
from gateway.views import booking_view, managed_event, text_view
from records import queries
from records.engine import connect
from runtime.config import Config
from schemas.settings import Name, Value

Answer = TypeVar("Answer")
THREADS = 4


class Records:
    """``Knows`` on the SQL records. Connects at the first question, and again after a failure to."""

    def __init__(self, config: Config) -> None:
        self._url, self._timeout_s = config.records_url, config.records_timeout_s
        self._engine: Engine | None = None
        self._threads = ThreadPoolExecutor(THREADS, "records")

    def close(self) -> None:
        """Let go of the connections; waits for questions under way."""
        self._threads.shutdown()
        if self._engine is not None:
            self._engine.dispose()

    async def setting(self, workspace_id: str, study_id: str | None, name: Name) -> Value | None:
        """A setting's value; None if nobody set it."""
        return await self._ask(lambda c: queries.setting_of(c, workspace_id, study_id, name))

    async def event_of_token(self, token: str) -> ManagedEvent | None:
        """The event and phone that a manage token stands for."""
        return await self._ask(lambda c: managed_event(c, token))

    async def text(self, text_id: str) -> TextView | None:
        """The life of a text."""
        return await self._ask(lambda c: text_view(c, text_id))

    async def booking(self, workspace_id: str, booking_id: str) -> BookingView | None:
        """A booking with its texts."""
        return await self._ask(lambda c: booking_view(c, workspace_id, booking_id))

    async def ask(self, question: Callable[[Connection], Answer]) -> Answer:
        """The answer to a question of ``records``. Raises ``RecordsAway``."""
        return await self._ask(question)

    async def reachable(self) -> bool:
        """Whether the records answer now; never raises."""
        try:
            return await self._ask(lambda c: c.execute(text("SELECT 1")).scalar()) == 1
        except RecordsAway:
            return False

    async def _ask(self, question: Callable[[Connection], Answer]) -> Answer:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._timeout_s):
                return await loop.run_in_executor(self._threads, self._answer, question)
        except (SQLAlchemyError, OSError) as error:  # a timeout is an OSError too
            raise RecordsAway(type(error).__name__) from None

    def _answer(self, question: Callable[[Connection], Any]) -> Any:
        if self._engine is None:
            self._engine = connect(self._url)
        with self._engine.connect() as connection:
            return question(connection)
