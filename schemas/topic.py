"""What a topic is, and the keys that name the messages on it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from schemas import deliveries, phone_states
from schemas.base import Message

DAY_S = 86_400
Place = str | int


@dataclass(frozen=True, kw_only=True)
class Topic:
    """A topic. ``key`` names a message; ``place`` is what its partition comes from.

    A ``place`` that is a string is hashed by our partitioner; an integer is the partition itself. Topics
    that are ``partitioned`` share one partition count, for ever, because the worker's tables lie along it.
    """

    name: str
    messages: tuple[type[Message], ...]
    key: Callable[[Any], str]
    place: Callable[[Any], Place] | None = None
    writers: tuple[str, ...]
    readers: tuple[str, ...]
    public: bool = False
    partitioned: bool = True
    cleanup: Literal["delete", "compact"] = "delete"
    retention_s: int | None = 30 * DAY_S
    personal: bool = True
    """May hold personal data."""

    def place_of(self, message: Message) -> Place:
        """What the partition of this message comes from."""
        return self.key(message) if self.place is None else self.place(message)


def phone_key(message: Any) -> str:
    """The phone's reference."""
    return str(message.phone_ref)


def event_key(message: Any) -> str:
    """``workspace/event``."""
    return f"{message.workspace_id}/{message.event_id}"


def workspace_key(message: Any) -> str:
    """The workspace."""
    return str(message.workspace_id)


def booking_key(message: Any) -> str:
    """``workspace/booking``."""
    return f"{message.workspace_id}/{message.booking_id}"


def text_key(message: Any) -> str:
    """The phone of the text spoken of."""
    return str(message.text.phone_ref)


def delivery_key(message: Any) -> str:
    """The phone; of a whole scope, ``workspace|study``."""
    if isinstance(message, deliveries.ScopeWithdrawal):
        return f"{message.workspace_id}|{message.study_id or ''}"
    return text_key(message)


def delivery_place(message: Any) -> Place:
    """The phone; of a whole scope, the partition it was written for."""
    return message.partition if isinstance(message, deliveries.ScopeWithdrawal) else text_key(message)


def setting_key(message: Any) -> str:
    """``workspace|study|name``, study empty for a workspace's own."""
    return f"{message.workspace_id}|{message.study_id or ''}|{message.name}"


def phone_state_key(message: Any) -> str:
    """The phone and which of its facts: compaction keeps the last of each."""
    match message:
        case phone_states.StopState():
            return f"{message.phone_ref}|stop"
        case phone_states.StartAsked():
            return f"{message.phone_ref}|start-asked"
        case phone_states.EndedState(workspace_id=None):
            return f"{message.phone_ref}|ended"
        case _:
            return f"{message.phone_ref}|ended|{message.workspace_id}|{message.person_id}"
