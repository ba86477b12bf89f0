"""What must be so when a world has come to rest."""

from typing import TYPE_CHECKING

from rules.events import ANNOUNCEMENTS, current
from schemas.bookings import Told
from schemas.rows import EventPhones, EventRow
from schemas.topics import (
    BOOKING_EVENTS,
    CONSENT_CHANGES,
    DEAD_LETTERS,
    INBOUND_SMS,
)
from tests.makers import ref
from tests.simulation.evidence import Evidence
from tests.simulation.phone_facts import EventFacts
from tests.simulation.promise import promise
from tests.simulation.sender import CLOSED
from tests.simulation.stories import Story

if TYPE_CHECKING:
    from tests.simulation.world import World


class Ending:
    """The checks of a world at rest."""

    def __init__(self, world: "World") -> None:
        self._world, self._promises = world, world.promises

    def check(self) -> None:
        """Raise ``BrokenPromise`` if something is amiss."""
        self._every_text_ends()
        self._dead_letters()
        self._truth()
        Evidence(self._world).check()
        self._rows_are_settled()
        if self._world.random.random() < 0.3:
            self._replay()

    def _every_text_ends(self) -> None:
        promises = self._promises
        for version, plan in promises.planned.items():
            promise(version in promises.first, "each planned text is delivered or withdrawn", plan)
            ends = [end for end in promises.ends[version[0]] if end[0] == version[1]]
            closed = [end for end in promises.ends[version[0]] if end[1] in CLOSED]
            promise(ends or closed, "each planned text ends", plan, promises.ends[version[0]])
            promise(len(ends) <= 1, "each version of a text ends once", plan, ends)
        for text_id in promises.ends:
            planned = any(name == text_id for name, _ in promises.planned)
            promise(planned, "only planned texts end", text_id)
        self._cap()

    def _cap(self) -> None:
        counts: dict[str, int] = {}
        for _, delivery, _ in self._promises.taken:
            if delivery.counts_to_cap:
                key = f"{delivery.text.workspace_id}/{delivery.text.event_id}"
                counts[key] = counts.get(key, 0) + 1
        promise(all(n <= 6 for n in counts.values()), "six texts an event", counts)

    def _dead_letters(self) -> None:
        """What was read is what was written, less what could not be read; that is kept."""
        dead = [d for d in self._promises.dead.values() if d.topic == INBOUND_SMS.name]
        promise(len(dead) == self._world.garbled, "each unreadable reply is kept", dead, self._world.garbled)
        others = [d for d in self._promises.dead.values() if d.topic != INBOUND_SMS.name]
        promise(not others, "nothing readable is a dead letter", others)

    # --- every event is told as it is

    def _truth(self) -> None:
        for story in self._world.author.stories:
            row = self._event_phones(story)
            promise(row is not None and row.booking is not None, "each event is known", story)
            if row is None or row.booking is None:
                continue
            booking = row.booking
            promise(booking.status == story.booking.status, "the last record is what counts", story, booking)
            if booking.status == "booked":
                same = booking.starts_at == story.booking.starts_at
                promise(same, "the last record is what counts", story, booking)
            of_the_last = booking.booking_id == story.booking.booking_id
            promise(of_the_last or booking.status == "cancelled", "the last booking counts", story, booking)
            if of_the_last and not story.unreadable:
                phone = story.booking.phone or story.sign_up_phone
                promise(row.phone == phone, "the phone is the booking's, else the sign-up's", story, row)
            if row.phone is not None:
                self._is_told(story, row.phone)

    def _event_phones(self, story: Story) -> EventPhones | None:
        rows = (tables.event_phones.get(story.key) for tables in self._world.worker.tables)
        return next((row for row in rows if row is not None), None)

    def _is_told(self, story: Story, phone: str) -> None:
        """The phone was told, or the row says which text could not tell it and why."""
        rows = [row for tables in self._world.worker.tables for row in tables.bookings.values()]
        mine = [row.events[story.key] for row in rows if row.phone == phone and story.key in row.events]
        promise(mine, "the phone's row has the event", story)
        event, facts = mine[0], self._world.facts.phones[ref(phone)].events[story.key]
        promise(event.left is None and not event.awaits, "the event came to its phone", story, event)
        promise(not event.owed, "every handover is given", story, event)
        now_true, known = current(event.booking), self._known(story, facts)
        both_cancelled = known == "cancelled" and now_true.status == "cancelled"
        if (
            known != now_true
            and not both_cancelled
            and not (known is None and now_true.status == "cancelled")
        ):
            self._was_tried(event, story)
        if now_true.status == "booked":
            reminders = [
                t for t in event.texts.values() if t.kind == "interview_reminder" and t.told == now_true
            ]
            enough = len(reminders) == len(self._world.policy.leads)
            promise(enough, "each start has its reminders", story, event)

    def _known(self, story: Story, facts: EventFacts) -> Told | str | None:
        """What the person was told last, on this phone or the ones before; ``upstream`` if it told them."""
        if facts.told_by_upstream:
            return current(facts.booking)
        told = facts.told() or [d for event in self._world.facts.everywhere(story.key) for d in event.told()]
        if not told:
            return None
        last = max(told, key=lambda d: d.text.plan_version)
        if last.text.wording == "cancelled" or last.starts_at is None:
            return "cancelled"
        return Told(status="booked", starts_at=last.starts_at)

    @staticmethod
    def _was_tried(event: EventRow, story: Story) -> None:
        now_true = current(event.booking)
        cancelled = now_true.status == "cancelled"
        tried = [
            t
            for t in event.texts.values()
            if (t.told.status == "cancelled" if cancelled else t.told == now_true)
            and t.kind in ANNOUNCEMENTS
            and t.end
            and not t.struck
        ]
        promise(tried, "what could not be told has a text that says why", story, event)

    def check_tidied(self) -> None:
        """Raise ``BrokenPromise`` if a phone's row outlives its events."""
        left = [key for tables in self._world.worker.tables for key in tables.bookings]
        promise(not left, "rows go when their events are long over", left)
        held = [phone for phone in self._world.facts.phones.values() if phone.held and not phone.stopped]
        promise(not held, "a hold that nobody answers becomes an opt-out", held)

    def _rows_are_settled(self) -> None:
        rows = [row for tables in self._world.worker.tables for row in tables.bookings.values()]
        for row in rows:
            texts = [t for event in row.events.values() for t in event.texts.values()]
            promise(all(t.state == "ended" for t in texts), "every row knows how its texts ended", texts)
            promise(not row.early, "no handover is left over", row.early)

    def _replay(self) -> None:
        """Somebody reads an input topic from its start again: nothing more is sent."""
        world = self._world
        topic = world.random.choice((BOOKING_EVENTS, CONSENT_CHANGES, INBOUND_SMS, DEAD_LETTERS)).name
        if topic == DEAD_LETTERS.name:
            topic = "bookings"
        world.promises.replaying = True
        world.promises.note("world", f"a replay of {topic}")
        world.worker.replay(topic)
        while world.step():
            pass
