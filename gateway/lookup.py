"""What the edge asks the records: in threads, with an answer or an error in bounded time."""

from typing import Any, Protocol

from schemas.settings import Name, Value


class Knows(Protocol):
    """The records as the edge asks them. Any method may raise ``RecordsAway``."""

    async def setting(self, workspace_id: str, study_id: str | None, name: Name) -> Value | None:
        """A setting's value; None if nobody set it."""

    async def event_of_token(self, token: str) -> Any | None:
        """The event and phone that a manage token stands for."""

    async def text(self, text_id: str) -> Any | None:
        """The life of a text."""

    async def booking(self, workspace_id: str, booking_id: str) -> Any | None:
        """A booking with its texts."""

    async def reachable(self) -> bool:
        """Whether the records answer now; never raises."""


class RecordsAway(Exception):
    """The records did not answer."""
