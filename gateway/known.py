"""The records behind the edge: queries in threads, in bounded time."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from gateway.lookup import ManagedEvent, RecordsAway
from records import queries
from records.engine import connect
from runtime.config import Config
from schemas.settings import Name, Value

T = TypeVar("T")
TIMEOUT_S = 5.0


class Records:
    """Answers the edge's questions from the database."""

    def __init__(self, config: Config) -> None:
        self._engine = connect(config.records_url)

    async def setting(self, workspace_id: str, study_id: str | None, name: Name) -> Value | None:
        """A setting's value; None if nobody set it."""
        return await self._ask(lambda c: queries.setting_of(c, workspace_id, study_id, name))

    async def event_of_token(self, token: str) -> ManagedEvent | None:
        """The event and phone that a manage token stands for."""
        found = await self._ask(lambda c: queries.event_of_token(c, token))
        return None if found is None else _managed(found)

    async def text(self, text_id: str) -> Any | None:
        """The life of a text: its versions, oldest first; None if there is none."""
        return await self._ask(lambda c: [dict(row) for row in queries.text(c, text_id)]) or None

    async def booking(self, workspace_id: str, booking_id: str) -> Any | None:
        """A booking as last received, with its texts; None if there is none."""

        def both(connection: Connection) -> dict[str, Any] | None:
            received = queries.bookings_of(connection, booking_id, workspace_id)
            texts = [dict(row) for row in queries.texts_of(connection, booking_id, workspace_id)]
            return {"booking": received[-1], "texts": texts} if received else None

        return await self._ask(both)

    async def reachable(self) -> bool:
        """Whether the records answer now; never raises."""
        try:
            await self._ask(queries.next_offsets)
        except RecordsAway:
            return False
        return True

    async def _ask(self, question: Callable[[Connection], T]) -> T:
        def answer() -> T:
            with self._engine.connect() as connection:
                return question(connection)

        try:
            async with asyncio.timeout(TIMEOUT_S):
                return await asyncio.to_thread(answer)
        except (SQLAlchemyError, TimeoutError) as error:
            raise RecordsAway from error


def _managed(found: queries.ManagedEvent) -> ManagedEvent:
    booking = found.booking
    return ManagedEvent(
        workspace_id=booking.workspace_id,
        workspace_name=booking.workspace_name,
        event_id=booking.event_id,
        person_id=booking.person_id,
        phone=found.phone,
        phone_ref=found.phone_ref,
        is_current=found.phone == found.current_phone,
        status=booking.status,
        starts_at=booking.starts_at,
        zone=booking.zone,
        place=booking.place,
        join_url=booking.join_url,
        manage_url=booking.manage_url,
    )
