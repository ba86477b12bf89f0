"""The rows of the worker's tables. Rows are replaced, never changed in place."""

from typing import Literal

import msgspec

from schemas.base import At, Id, Kind, Line, Message, Phone, Ref, Revision, TextId
from schemas.bookings import BookingInput, DayOf, Handover, Told
from schemas.deliveries import Wording
from schemas.reasons import Waiting
from schemas.settings import Name, Value

TextState = Literal["planned", "waiting", "released", "ended"]
TextEnd = Literal["accepted", "suppressed", "expired", "rejected", "unresolved", "withdrawn"]


class PlannedText(Message, frozen=True, kw_only=True, omit_defaults=True):
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
    telling: int | None = None
    """Its number among what the phone was told of the event."""
    former_person_id: Id | None = None
    """Whose it was, if the booking passed to another person; it may come back to them."""


class Parting(Message, frozen=True, kw_only=True):
    """An event left the phone at a version: for another phone, or for none."""

    version: Revision
    to: Phone | None
    to_ref: Ref | None


class EventRow(Message, frozen=True, kw_only=True, omit_defaults=True):
    """An event as the row of its phone knows it."""

    version: Revision
    booking: BookingInput
    """Without what no text is made of: join link, place, manage link, day-of notice."""
    changed_by: str
    """The record that set status and start, ``booking@revision``."""
    changed_at: At
    """Our receipt of it."""
    told_before: Told | None = None
    """What another phone was told before this one had the event."""
    told_by_upstream: Told | None = None
    """What upstream announced itself (``announce=false``)."""
    told_by_upstream_at: At | None = None
    told_by_upstream_telling: int | None = None
    tellings: int = 0
    """How often the phone was told of the event."""
    awaits: tuple[Revision, ...] = ()
    """Releases nothing before the handovers of these versions."""
    left: Parting | None = None
    """Where the event went; None while it is this phone's."""
    owed: tuple[Parting, ...] = ()
    """Handovers that wait for what the row awaits itself."""
    inherited_ids: tuple[str, ...] = ()
    """Counted tries of the phones before, as the last handover said."""
    inherited_version: Revision = 0
    counted_ids: tuple[str, ...] = ()
    """Counted tries of this phone: ``text_id#attempt``."""
    texts: dict[str, PlannedText] = msgspec.field(default_factory=dict)


class PhoneRow(Message, frozen=True, kw_only=True, omit_defaults=True):
    """``bookings``: all events of a phone, by ``workspace/event``."""

    phone: Phone
    events: dict[str, EventRow] = msgspec.field(default_factory=dict)
    early: dict[str, Handover] = msgspec.field(default_factory=dict)
    """Handovers that came before the state they belong to, by ``workspace/event@version``."""


class EventPhones(Message, frozen=True, kw_only=True, omit_defaults=True):
    """``event_phones``: what match knows of an event: revisions, phone, a sign-up that waits."""

    version: Revision = 0
    booking: BookingInput | None = None
    rivals: tuple[BookingInput, ...] = ()
    """Bookings that name none of the event's, while another stands; or one that did, cancelled."""
    closed: tuple[str, ...] = ()
    """Bookings that another one replaced."""
    notice: DayOf | None = None
    """The last day-of notice."""
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


class PhoneConsents(Message, frozen=True, kw_only=True, omit_defaults=True):
    """``consents``: the consents of a phone, and the ends as maxima."""

    consents: dict[str, ConsentRow] = msgspec.field(default_factory=dict)
    ended_at: dict[str, At] = msgspec.field(default_factory=dict)
    """By ``workspace|person``."""
    removed_at: dict[str, At] = msgspec.field(default_factory=dict)
    """Ends by the manage page, over which staff never grants; by ``workspace|person``."""
    phone_ended_at: At | None = None
    wrong_number: bool = False


class PhoneStops(Message, frozen=True, kw_only=True, omit_defaults=True):
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
