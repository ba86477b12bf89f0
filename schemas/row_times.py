"""What the clock asks of the rows of ``bookings``: their times, and nothing else."""

import msgspec

from schemas.base import At, Message
from schemas.rows import TextState


class Start(Message, frozen=True, kw_only=True):
    """When something starts, of all that is known of it."""

    starts_at: At


class TextTimes(Message, frozen=True, kw_only=True):
    """What the clock asks of a ``PlannedText``."""

    state: TextState = "planned"
    due_at: At
    expires_at: At
    told: Start


class EventTimes(Message, frozen=True, kw_only=True):
    """What the clock asks of an ``EventRow``."""

    booking: Start
    changed_at: At
    texts: dict[str, TextTimes] = msgspec.field(default_factory=dict)


class EarlyTimes(Message, frozen=True, kw_only=True):
    """What the clock asks of a ``Handover``."""

    at: At


class PhoneTimes(Message, frozen=True, kw_only=True):
    """The times in a ``PhoneRow``: a million rows are read for nothing else, in a third of the time."""

    events: dict[str, EventTimes] = msgspec.field(default_factory=dict)
    early: dict[str, EarlyTimes] = msgspec.field(default_factory=dict)
