"""What is so of a phone and of its events, as far as the worker has read it."""

from dataclasses import dataclass, field
from datetime import datetime

from schemas.bookings import BookingInput, Handover
from schemas.consent import ConsentEnded, ConsentGiven
from schemas.deliveries import Delivery, TextRef

Scope = tuple[str, str]
Version = tuple[str, int]
ANNOUNCEMENTS = ("confirmation", "schedule_change")


def version_of(text: TextRef) -> Version:
    """A text and its version."""
    return text.text_id, text.plan_version


@dataclass
class EventFacts:
    """An event as its phone was told of it."""

    version: int
    booking: BookingInput
    left: bool = False
    changes: int = 0
    """How often status or start changed."""
    refused: set[int] = field(default_factory=set)
    """Changes whose text the gate refused for good."""
    told_by_upstream: bool = False
    unconfirmed: bool = False
    """A confirmation ended without being sent: the person still knows what they booked."""
    awaited: set[int] = field(default_factory=set)
    handed: set[int] = field(default_factory=set)
    handed_ids: dict[int, set[str]] = field(default_factory=dict)
    released: list[Delivery] = field(default_factory=list)
    tries: dict[str, list[str]] = field(default_factory=dict)
    """What counts of a text that ended."""
    unsent: set[tuple[str, int]] = field(default_factory=set)
    """Versions that ended without being sent."""

    def ended_unsent(self, version: Version) -> bool:
        """Whether this version of a text, or a later one, ended without being sent."""
        return any(version[0] == text_id and at >= version[1] for text_id, at in self.unsent)

    def told(self) -> list[Delivery]:
        """The announcements that count as told, in order."""
        return [
            d
            for d in self.released
            if d.text.kind in ANNOUNCEMENTS and not self.ended_unsent(version_of(d.text))
        ]

    def used(self) -> set[str]:
        """The tries that count to the cap: this phone's, and those handed over."""
        used = {
            this_try
            for d in self.released
            for this_try in self.tries.get(d.text.text_id, [f"{d.text.text_id}#1"])
            if d.counts_to_cap and not self.ended_unsent(version_of(d.text))
        }
        last = max(self.handed & self.awaited, default=None)
        own = {d.text.text_id for d in self.released}
        inherited = self.handed_ids[last] if last is not None else set()
        return used | {i for i in inherited if i.partition("#")[0] not in own}


@dataclass
class PhoneFacts:
    """A phone."""

    stop_at: datetime | None = None
    start_at: datetime | None = None
    hold_at: datetime | None = None
    said: set[str] = field(default_factory=set)
    """Texts of the phone that were read, by MessageUUID."""
    loud_since: datetime | None = None
    """Since when it is neither stopped nor held, if it ever was."""
    consents: dict[str, ConsentGiven] = field(default_factory=dict)
    known_since: dict[str, datetime] = field(default_factory=dict)
    """When each consent was read."""
    ends: dict[Scope, datetime] = field(default_factory=dict)
    removed: set[Scope] = field(default_factory=set)
    ended_at: datetime | None = None
    wrong: bool = False
    events: dict[str, EventFacts] = field(default_factory=dict)
    early: dict[tuple[str, int], Handover] = field(default_factory=dict)

    @property
    def stopped(self) -> bool:
        """Stopped, a tie included."""
        return self.stop_at is not None and (self.start_at is None or self.stop_at >= self.start_at)

    @property
    def held(self) -> bool:
        """Held, a tie included."""
        return self.hold_at is not None and (self.start_at is None or self.hold_at >= self.start_at)

    @property
    def silent(self) -> bool:
        """Stopped or held: only then a START says anything."""
        return self.stopped or self.held

    def consent(self, given: ConsentGiven, now: datetime) -> None:
        """A consent, unless staff grant it over what the participant decided."""
        barred = (
            self.wrong
            or self.ended_at is not None
            or (given.workspace_id, given.person_id) in self.removed
            or self.silent
        )
        if given.source != "staff_attested" or not barred:
            self.consents.setdefault(given.consent_id, given)
            self.known_since.setdefault(given.consent_id, now)

    def end(self, ended: ConsentEnded) -> None:
        """An end of consents."""
        if ended.phone_wide or ended.workspace_id is None or ended.person_id is None:
            self.ended_at = max(ended.at, self.ended_at or ended.at)
            self.wrong = self.wrong or ended.by == "wrong_number"
            return
        scope = ended.workspace_id, ended.person_id
        self.ends[scope] = max(ended.at, self.ends.get(scope, ended.at))
        if ended.by == "manage_page":
            self.removed.add(scope)

    def allows(self, booking: BookingInput) -> dict[str, ConsentGiven]:
        """The consents that live and cover this booking."""
        scope = booking.workspace_id, booking.person_id
        ends = [end for end in (self.ended_at, self.ends.get(scope)) if end is not None]
        return {
            name: given
            for name, given in self.consents.items()
            if (given.workspace_id, given.person_id) == scope
            and given.event_id in (None, booking.event_id)
            and all(end < given.at for end in ends)
        }
