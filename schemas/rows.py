"""The rows of the worker's tables. Rows are replaced, never changed in place."""

from typing import Literal

import msgspec

from schemas.base import At, Id, Kind, Line, Message, Phone, Ref, Revision, TextId
from schemas.bookings import BookingInput, Told
from schemas.deliveries import Wording
from schemas.reasons import Waiting
from schemas.settings import Name, Value

TextState = Literal["planned", "waiting", "released", "ended"]
TextEnd = Literal["accepted", "suppressed", "expired", "rejected", "unresolved", "withdrawn"]


class PlannedText(Message, frozen=True, kw_only=True):
    """A text of an event. ``planned`` and ``waiting`` may still go; ``released`` is the sender's."""

    text_id: TextId
    plan_version: Revision
    kind: Kind
    wording: Wording
    basis: str
    state: TextState = "planned"
    waits_for: Waiting | None = None
    struck: bool = False
    """No longer wanted: a withdrawal was written, and the plan may want it anew."""
    end: TextEnd | None = None
    cause_at: At
    due_at: At
    first_due_at: At
    expires_at: At
    """The latest it may go whatever consent comes: where the clock looks while it waits."""
    told: Told
    """What it says, or would have said."""
    released_at: At | None = None


class EventRow(Message, frozen=True, kw_only=True):
    """An event as the row of its phone knows it."""

    version: Revision
    booking: BookingInput
    start_set_at: At
    """When this start became the event's start for this phone."""
    told_before: Told | None = None
    """What another phone was told before this one had the event."""
    told_by_upstream: Told | None = None
    """What upstream announced itself (``announce=false``)."""
    told_by_upstream_at: At | None = None
    awaits: Revision | None = None
    """Releases nothing before the handover of this version."""
    left_at_version: Revision | None = None
    left_to: Phone | None = None
    left_to_ref: Ref | None = None
    counted_ids: tuple[str, ...] = ()
    texts: dict[str, PlannedText] = msgspec.field(default_factory=dict)


class PhoneRow(Message, frozen=True, kw_only=True):
    """``bookings``: all events of a phone, by ``workspace/event``."""

    phone: Phone
    events: dict[str, EventRow] = msgspec.field(default_factory=dict)


class EventPhones(Message, frozen=True, kw_only=True):
    """``event_phones``: what match knows of an event: revisions, phone, a sign-up that waits."""

    version: Revision = 0
    booking: BookingInput | None = None
    closed: tuple[str, ...] = ()
    """Bookings that another one replaced."""
    phone: Phone | None = None
    """The event's phone now: the booking's own, else the latest sign-up's."""
    own_phone: bool = False
    row_phone: Phone | None = None
    """The last phone that had a row."""
    sign_up_id: Id | None = None
    sign_up_phone: Phone | None = None
    sign_up_at: At | None = None


class ConsentRow(Message, frozen=True, kw_only=True):
    """One consent of a phone."""

    consent_id: Id
    workspace_id: Id
    person_id: Id
    event_id: Id | None
    source: Literal["sign_up", "upstream", "staff_attested"]
    at: At


class PhoneConsents(Message, frozen=True, kw_only=True):
    """``consents``: the consents of a phone, and the ends as maxima."""

    consents: dict[str, ConsentRow] = msgspec.field(default_factory=dict)
    ended_at: dict[str, At] = msgspec.field(default_factory=dict)
    """By ``workspace|person``."""
    removed_at: dict[str, At] = msgspec.field(default_factory=dict)
    """Ends by page or staff, which staff never grants again; by ``workspace|person``."""
    phone_ended_at: At | None = None
    wrong_number: bool = False


class PhoneStops(Message, frozen=True, kw_only=True):
    """``opt_outs``: STOP, START and hold of a phone as maxima, and what it was answered."""

    phone: Phone | None = None
    stop_at: At | None = None
    start_at: At | None = None
    hold_at: At | None = None
    hold_words: Line = ""
    by_carrier: bool = False
    asked: Id | None = None
    """The START that waits for the carrier's list."""
    seen: dict[str, At] = msgspec.field(default_factory=dict)
    """MessageUUIDs handled, newest last, bounded."""
    stop_answered_at: At | None = None
    help_answered_at: tuple[At, ...] = ()
    other_answered: tuple[str, ...] = ()
    """Events whose first other reply was answered."""


class Switch(Message, frozen=True, kw_only=True):
    """``switches``: one setting as this partition knows it, by ``partition|workspace|study|name``."""

    name: Name
    value: Value
    revision: Revision
    at: At


class LedgerHead(Message, frozen=True, kw_only=True):
    """``ledger``: head of the partition's chain, and (by fact id) the facts it holds already."""

    seq: int
    hash: str
    at: At
