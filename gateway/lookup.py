"""What the edge asks the records, and the shape in which it wants the answers."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol, TypeVar

import msgspec
from sqlalchemy import Connection

from schemas.bookings import BookingStatus
from schemas.settings import Name, Value

Answer = TypeVar("Answer")


class RecordsAway(Exception):
    """The records did not answer."""


class ManagedEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event and a phone, as a manage link names them."""

    workspace_id: str
    workspace_name: str
    event_id: str
    person_id: str
    phone: str
    phone_ref: str
    is_current: bool
    """Whether the phone is the event's phone now: only then details are shown."""
    status: BookingStatus
    starts_at: datetime
    zone: str | None
    place: str | None
    join_url: str | None
    manage_url: str | None


class TextState(msgspec.Struct, frozen=True, kw_only=True):
    """Where one version of a text stands. Times are RFC 3339 in UTC."""

    text_id: str
    plan_version: int
    kind: str
    wording: str
    state: str
    reason: str | None
    due_at: str
    planned_at: str | None
    ended_at: str | None
    lateness_s: float | None
    carrier_status: str | None
    segments: int | None
    booking_id: str | None
    event_id: str | None
    is_test: bool


class StepView(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened to a version of a text."""

    plan_version: int
    at: str
    what: str


class TextView(msgspec.Struct, frozen=True, kw_only=True):
    """A text in its versions, oldest first, and its steps. An answer to HELP may have no workspace."""

    workspace_id: str | None
    versions: list[TextState]
    steps: list[StepView]


class NoticeView(msgspec.Struct, frozen=True, kw_only=True):
    """What was told to upstream about an event."""

    kind: str
    reason: str
    at: str


class BookingView(msgspec.Struct, frozen=True, kw_only=True):
    """A booking as last received, with the texts of its event."""

    workspace_id: str
    study_id: str
    booking_id: str
    event_id: str
    person_id: str
    revision: int
    status: BookingStatus
    starts_at: datetime
    zone: str | None
    has_phone: bool
    """Whether the booking brought one itself; a sign-up may have."""
    texts: list[TextState]
    notices: list[NoticeView]


class Knows(Protocol):
    """The records as the edge asks them. Any method but ``reachable`` may raise ``RecordsAway``."""

    async def setting(self, workspace_id: str, study_id: str | None, name: Name) -> Value | None:
        """A setting's value; None if nobody set it."""

    async def event_of_token(self, token: str) -> ManagedEvent | None:
        """The event and phone that a manage token stands for."""

    async def text(self, text_id: str) -> TextView | None:
        """The life of a text."""

    async def booking(self, workspace_id: str, booking_id: str) -> BookingView | None:
        """A booking with its texts."""

    async def ask(self, question: Callable[[Connection], Answer]) -> Answer:
        """The answer to a question of ``records``, for the pages of staff."""

    async def reachable(self) -> bool:
        """Whether the records answer now; never raises."""
