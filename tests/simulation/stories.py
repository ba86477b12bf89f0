"""What upstream and sign-up page do in a world: the story of one event, and what is true of it at the end."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from msgspec.structs import replace as with_fields

from schemas.base import Message
from schemas.bookings import BookingEvent, DayOf, DayOfAsked, DayOfKind
from tests.makers import a_booking_event, a_change, a_sign_up

Later = Callable[[timedelta, Message], None]
"""Publishes a message after a while."""
AHEAD = [timedelta(minutes=m) for m in (8, 14, 16, 22, 31, 45, 61, 90, 180, 420, 900, 1500, 1560)]
DAY_OF: tuple[DayOfKind, ...] = ("interviewer_late", "join_link_changed", "place_changed", "materials_needed")


@dataclass
class Story:
    """One event. ``booking`` is its last record: what is true when all is read."""

    name: str
    workspace: str
    study: str
    person: str
    event_id: str
    booking: BookingEvent
    sign_up_phone: str | None = None
    signed_up: tuple[datetime, str] | None = None
    unreadable: bool = False
    starts: list[datetime] = field(default_factory=list)

    @property
    def key(self) -> str:
        """``workspace/event``."""
        return f"{self.workspace}/{self.event_id}"


@dataclass(frozen=True)
class Habits:
    """How lively a world is. Each is the chance of a thing."""

    change: float
    phone_change: float
    replace: float
    day_of: float
    disorder: float
    duplicate: float


class Author:
    """Writes stories; all that is random comes from the world's seed."""

    def __init__(
        self, random: Random, now: Callable[[], datetime], later: Later, phones: list[str], habits: Habits
    ) -> None:
        self._random, self._now, self._later = random, now, later
        self._phones, self._habits = phones, habits
        self.stories: list[Story] = []
        self._messages = 0

    def begin(self) -> Story:
        """A new event: its booking, its sign-up or consent, some order of both."""
        r, number = self._random, len(self.stories) + 1
        workspace, study = r.choice(("w1", "w1", "w2")), r.choice(("s1", "s2"))
        own = r.random() < 0.5
        booking = a_booking_event(
            message_id=self._id("m"),
            workspace_id=workspace,
            study_id=study,
            booking_id=f"b{number}",
            event_id=f"b{number}" if r.random() < 0.5 else None,
            person_id=r.choice(("p1", "p2", "p3")),
            starts_at=(self._now() + r.choice(AHEAD)).replace(microsecond=0),
            zone=r.choice(("America/New_York", "America/Los_Angeles", None, "Nowhere/Land")),
            phone=r.choice(self._phones) if own else None,
            announce=r.random() > 0.07,
        )
        story = Story(f"story {number}", workspace, study, booking.person_id, f"b{number}", booking)
        self.stories.append(story)
        story.starts.append(booking.starts_at)
        self._publish(booking)
        self._consent(story)
        return story

    def _consent(self, story: Story) -> None:
        r = self._random
        phone = story.booking.phone or r.choice(self._phones)
        when = timedelta(seconds=r.choice((0, 0, 0, 1, 30, 600, 4000, 30_000)))
        match r.randrange(10):
            case 0:
                return
            case 1 | 2 if story.booking.phone is not None:
                scope = r.choice(("event", "workspace"))
                self._later(
                    when,
                    a_change(
                        message_id=self._id("c"),
                        workspace_id=story.workspace,
                        person_id=story.person,
                        phone=phone,
                        scope=scope,
                        event_id=story.event_id if scope == "event" else None,
                        source=r.choice(("upstream", "upstream", "staff")),
                        actor="somebody",
                        reason="said so on the phone",
                        at=self._now(),
                    ),
                )
            case _:
                self.sign_up(story, phone, when)

    def sign_up(self, story: Story, phone: str, after: timedelta = timedelta()) -> None:
        """The participant submits the page."""
        at, name = self._now() + after, self._id("su")
        if story.signed_up is None or (at, name) > story.signed_up:
            story.sign_up_phone, story.signed_up = phone, (at, name)
        spooled = timedelta(seconds=self._random.choice((0, 0, 0, 50, 1000)))
        self._later(
            after + spooled,
            a_sign_up(
                sign_up_id=name,
                workspace_id=story.workspace,
                study_id=story.study,
                event_id=story.event_id,
                person_id=story.person,
                phone=phone,
                phone_typed=phone,
                at=at,
            ),
        )

    def turn(self, story: Story) -> None:
        """Something happens to the event."""
        r, habits = self._random, self._habits
        luck = r.random()
        if luck < habits.change:
            self._change_plan(story)
        elif luck < habits.change + habits.phone_change:
            self._change_phone(story)
        elif luck < habits.change + habits.phone_change + habits.replace:
            self._replace(story)
        elif luck < habits.change + habits.phone_change + habits.replace + habits.day_of / 4:
            self._ask(story)
        elif luck < habits.change + habits.phone_change + habits.replace + habits.day_of:
            self._revise(story, day_of=DayOf(kind=r.choice(DAY_OF), notice_id=r.choice((None, "n1", "n2"))))
        elif r.random() < 0.3 and story.booking.phone is not None and not habits.disorder:
            self._forget_phone(story)
        else:
            self._revise(story, join_url=f"https://meet.example/{r.randrange(9)}")

    def _ask(self, story: Story) -> None:
        """Staff presses a button, now and then twice."""
        r = self._random
        asked = DayOfAsked(
            asked_id=self._id("ask"),
            workspace_id=story.workspace,
            event_id=story.event_id,
            kind=r.choice(DAY_OF),
            actor="staff",
            at=self._now(),
        )
        for _ in range(r.choice((1, 1, 2))):
            self._later(timedelta(seconds=r.choice((0, 0, 9))), asked)

    def _change_plan(self, story: Story) -> None:
        r = self._random
        match r.randrange(6):
            case 0:
                self._revise(story, status="cancelled")
            case 1:
                self._revise(story, status="booked")
            case 2 | 3:
                self._revise(story, status="booked", starts_at=r.choice(story.starts))
            case _:
                start = (self._now() + r.choice(AHEAD)).replace(microsecond=0)
                story.starts.append(start)
                self._revise(story, status="booked", starts_at=start)

    def _change_phone(self, story: Story) -> None:
        r = self._random
        match r.randrange(6):
            case 0:
                story.unreadable = True
                self._revise(story, phone="not a phone")
            case 1:
                self.sign_up(story, r.choice(self._phones))
            case _:
                self._revise(story, phone=r.choice(self._phones))
                if r.random() < 0.7:
                    self.sign_up(story, story.booking.phone or self._phones[0])

    def _forget_phone(self, story: Story) -> None:
        """A record without the phone, which erases nothing."""
        phone = story.booking.phone
        self._revise(story, phone=None)
        story.booking = with_fields(story.booking, phone=phone)

    def _replace(self, story: Story) -> None:
        """A move made as cancel and new; now and then without the cancel, or without naming the old one."""
        r, old = self._random, story.booking
        cancels = r.random() < 0.7
        if cancels:
            self._revise(story, status="cancelled")
        start = (self._now() + r.choice(AHEAD)).replace(microsecond=0)
        story.starts.append(start)
        story.booking = with_fields(
            old,
            message_id=self._id("m"),
            booking_id=f"{old.booking_id}x",
            event_id=story.event_id,
            replaces_booking_id=None if cancels and r.random() < 0.2 else old.booking_id,
            revision=1,
            status="booked",
            starts_at=start,
        )
        self._publish(story.booking)

    def _revise(self, story: Story, **changes: object) -> None:
        step = self._random.choice((1, 1, 1, 7))
        fields = {"day_of": None, **changes, "message_id": self._id("m")}
        story.booking = with_fields(story.booking, revision=story.booking.revision + step, **fields)
        self._publish(story.booking)

    def _publish(self, booking: BookingEvent) -> None:
        """Mostly at once; sometimes late, behind its successors; sometimes twice."""
        r = self._random
        late = r.random() < self._habits.disorder
        self._later(timedelta(seconds=r.choice((2, 20, 300, 3000)) if late else 0), booking)
        if r.random() < self._habits.duplicate:
            self._later(timedelta(seconds=r.choice((0, 40, 5000))), booking)

    def _id(self, kind: str) -> str:
        self._messages += 1
        return f"{kind}{self._messages}"
