"""What must be so when a world has come to rest."""

from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from rules.events import ANNOUNCEMENTS, current
from rules.ledger import verify
from schemas.bookings import ReplyDue, Told
from schemas.deliveries import ScopeWithdrawal
from schemas.ledger import LedgerEntry
from schemas.phone_states import EndedState, StopState
from schemas.rows import EventPhones, EventRow
from schemas.sms import InboundSms
from schemas.topics import (
    BOOKING_EVENTS,
    CONSENT_CHANGES,
    CONSENT_LEDGER,
    DEAD_LETTERS,
    INBOUND_SMS,
    PHONE_STATES,
    SMS_DELIVERIES,
)
from tests.makers import ref
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
        self._replies()
        self._switches()
        self._phone_states()
        self._ledger()
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

    # --- replies, evidence

    def _replies(self) -> None:
        taken = [d for _, d, _ in self._promises.taken if d.reply_token is not None]
        tokens = [d.reply_token for d in taken]
        promise(len(tokens) == len(set(tokens)), "one answer to a reply", tokens)
        for delivery in taken:
            said = self._world.people.said[str(delivery.reply_token)]
            fits = {
                "reply_stop": ("opt_out",),
                "reply_start": ("opt_in",),
                "reply_help": ("help",),
                "reply_unclear": ("held",),
                "reply_other": ("other",),
            }
            promise(said.meaning in fits[delivery.text.wording], "answers fit the reply", said, delivery)
            twice = said.intent and self._world.policy.carrier_auto_replies == "auto"
            promise(not twice, "what the carrier answered gets no second answer", said, delivery)
        self._few_answers()
        asked = {
            e.message.inbound_uuid
            for e in self._world.broker.entries("texts-due")
            if isinstance(e.message, ReplyDue) and e.message.answer == "start"
        }
        refused = [uuid for uuid in sorted(asked) if ("opted_in", uuid) not in self._in_ledger()]
        promise(not refused, "START is answered only if it counted", refused)

    def _in_ledger(self) -> set[tuple[str, str | None]]:
        entries = self._world.broker.entries(CONSENT_LEDGER.name)
        facts = [e.message.fact for e in entries if isinstance(e.message, LedgerEntry)]
        return {(fact.kind, fact.inbound_uuid) for fact in facts}

    def _switches(self) -> None:
        withdrawn = {
            (m.partition, m.workspace_id, m.study_id, m.settings_revision)
            for e in self._world.broker.entries(SMS_DELIVERIES.name)
            if isinstance(m := e.message, ScopeWithdrawal)
        }
        for copy in self._world.facts.switched:
            name = copy.partition, copy.workspace_id, copy.study_id, copy.revision
            promise(copy.value or name in withdrawn, "a switch turned off calls back what it covers", copy)

    def _few_answers(self) -> None:
        by_phone: dict[str, list[tuple[float, str, str | None]]] = {}
        for _, d, _ in self._promises.taken:
            if d.reply_token is not None:
                entry = (d.text.due_at.timestamp(), d.text.wording, d.text.event_id)
                by_phone.setdefault(d.phone, []).append(entry)
        for phone, answers in by_phone.items():
            helps = sorted(at for at, wording, _ in answers if wording == "reply_help")
            crowded = any(b - a < 3600 for a, b in zip(helps, helps[3:], strict=False))
            promise(not crowded, "HELP is answered three times an hour", phone, helps)
            stops = sorted(at for at, wording, _ in answers if wording == "reply_stop")
            close = any(b - a < 300 for a, b in pairwise(stops))
            promise(not close, "one confirmation of a STOP", phone, stops)

    def _phone_states(self) -> None:
        """The sender was told of every STOP, START, hold and end."""
        stops: dict[str, StopState] = {}
        ends: dict[tuple[str, str | None, str | None], datetime] = {}
        for e in self._world.broker.entries(PHONE_STATES.name):
            if isinstance(e.message, StopState):
                stops[e.message.phone_ref] = e.message
            elif isinstance(e.message, EndedState):
                m = e.message
                ends[m.phone_ref, m.workspace_id, m.person_id] = m.ended_at
        for name, phone in self._world.facts.phones.items():
            told = stops.get(name)
            seen = (told.stop_at, told.start_at, told.hold_at) if told else (None, None, None)
            so = (phone.stop_at, phone.start_at, phone.hold_at)
            promise(seen == so, "the sender knows what the phone said", seen, so)
            promise(ends.get((name, None, None)) == phone.ended_at, "the sender knows of each end", phone)
            for (workspace, person), end in phone.ends.items():
                promise(ends.get((name, workspace, person)) == end, "the sender knows of each end", phone)

    def _ledger(self) -> None:
        world = self._world
        for place in world.broker.places(CONSENT_LEDGER.name):
            entries: dict[int, LedgerEntry] = {}
            for e in world.broker.logs[place]:
                if isinstance(e.message, LedgerEntry):
                    first = entries.setdefault(e.message.seq, e.message)
                    promise(first == e.message, "a replay writes the same entry again", first, e.message)
            head = world.worker.tables[place[1]].ledger.get(f"head|{place[1]}")
            flaw = verify([entries[seq] for seq in sorted(entries)], place[1], head)
            promise(flaw is None, "the ledger is sound", flaw)
            named = [entry.fact.fact_id for entry in entries.values()]
            promise(len(named) == len(set(named)), "each fact is in the ledger once", named)
        facts = self._in_ledger()
        heard = {
            e.message.inbound_uuid
            for e in world.broker.entries(INBOUND_SMS.name)
            if isinstance(e.message, InboundSms)
        }
        for uuid, said in world.people.said.items():
            kind = {"opt_out": "opted_out", "wrong_number": "opted_out", "held": "held"}.get(said.meaning)
            if kind and uuid in heard:
                promise((kind, uuid) in facts, "each opt-out is in the ledger", said)

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
