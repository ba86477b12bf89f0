"""The promises, held against every output of every step, crashed ones included."""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta

from rules.policy import Policy
from schemas.base import Message
from schemas.bookings import TextEnded
from schemas.dead_letters import DeadLetter
from schemas.deliveries import Delivery, TextRef, Withdrawal
from schemas.delivery_events import DeliveryEvent
from streams.topology import Flow
from tests.simulation.broker import Broker, Entry
from tests.simulation.facts import Facts
from tests.simulation.going import Going, Written
from tests.simulation.history import Names
from tests.simulation.phone_facts import EventFacts, Version, version_of
from tests.simulation.promise import promise

STRUCK = ("coalesced", "nothing_new", "phone_changed", "cancelled", "moved")
PATIENCE = timedelta(hours=3)
"""Longer than any outage of a world."""


class Promises:
    """Looks on while the world turns. ``history`` is what a person would want to read."""

    def __init__(
        self, policy: Policy, facts: Facts, broker: Broker, now: Callable[[], datetime], names: Names
    ) -> None:
        self._policy, self._facts, self._now, self._names = policy, facts, now, names
        self._written = Written()
        self._going = Going(policy, facts, self._written, broker, now)
        self.planned, self.first = self._written.planned, self._written.first
        self.history: list[str] = []
        self.delivered: dict[Version, Delivery] = {}
        """By steps that were done."""
        self.withdrawn: dict[Version, Withdrawal] = {}
        self.ends: defaultdict[str, list[tuple[int, str, str]]] = defaultdict(list)
        self.taken: list[tuple[datetime, Delivery, int]] = []
        self.dead: dict[tuple[str, int, int], DeadLetter] = {}
        self._last_version: dict[str, int] = {}
        self.replaying = False

    # --- what the worker tells

    def restarted(self) -> None:
        """The worker comes up: what is published by now, it must know before it releases anything."""
        self._going.restarted()

    def written(self, flow: Flow, partition: int, message: Message) -> None:
        """An output is in its log, whether or not its step will be done."""
        self._note(flow.name, message)
        match message:
            case Delivery():
                self.first.setdefault(version_of(message.text), message)
                self._going.check(message, partition)
            case Withdrawal():
                self.first.setdefault(version_of(message.text), message)
                self._may_be_withdrawn(message)
            case DeliveryEvent(state="planned"):
                self.planned.setdefault((message.text_id, message.plan_version), message)
            case DeadLetter():
                self.dead[message.topic, message.partition, message.offset] = message

    def done(self, flow: Flow, partition: int, entries: list[Entry], outputs: list[Message]) -> None:
        """A step is over."""
        for entry in entries:
            if isinstance(entry.message, TextEnded):
                self._found_out(entry.message)
            self._facts.read(entry)
        for message in outputs:
            match message:
                case Delivery() if message.reply_token is None:
                    self._delivered(message)
                case Withdrawal() if message.text.kind != "reply":
                    self._withdrawn(message)
                case DeliveryEvent() if message.kind != "reply":
                    self._planned(message)

    # --- exactly one, first

    def _planned(self, event: DeliveryEvent) -> None:
        before = self._last_version.get(event.text_id, -1)
        promise(event.plan_version > before, "versions of a text grow", event, before)
        self._last_version[event.text_id] = event.plan_version
        if event.kind == "schedule_change":
            facts = self._facts.phones[event.phone_ref].events[f"{event.workspace_id}/{event.event_id}"]
            promise(facts.changes not in facts.refused, "what is suppressed stays suppressed", event)

    def _delivered(self, delivery: Delivery) -> None:
        version = version_of(delivery.text)
        promise(version not in self.delivered, "a version is delivered once", delivery)
        promise(version not in self.withdrawn, "what was withdrawn is not delivered", delivery)
        self.delivered[version] = delivery
        text = delivery.text
        event = self._facts.phones[text.phone_ref].events[f"{text.workspace_id}/{text.event_id}"]
        event.released.append(delivery)

    def _found_out(self, end: TextEnded) -> None:
        """A text whose release broke off was in its log, and went: the plan hears of it from its end."""
        version, delivery = (end.text_id, end.plan_version), self.first.get((end.text_id, end.plan_version))
        if version in self.delivered or end.end not in ("accepted", "unresolved"):
            return
        if isinstance(delivery, Delivery) and delivery.reply_token is None:
            self.delivered[version] = delivery
            released = self._facts.phones[end.phone_ref].events[f"{end.workspace_id}/{end.event_id}"].released
            released.append(delivery)
            released.sort(key=lambda d: d.text.plan_version)

    def _withdrawn(self, withdrawal: Withdrawal) -> None:
        version = version_of(withdrawal.text)
        promise(version in self.planned, "only what was planned is withdrawn", withdrawal)
        promise(version not in self.withdrawn, "a version is withdrawn once", withdrawal)
        self.withdrawn[version] = withdrawal
        text = withdrawal.text
        event = self._facts.phones[text.phone_ref].events[f"{text.workspace_id}/{text.event_id}"]
        if text.kind == "schedule_change" and withdrawal.reason not in STRUCK:
            event.refused.add(event.changes)

    def _may_be_withdrawn(self, withdrawal: Withdrawal) -> None:
        text, waited_for = withdrawal.text, withdrawal.waited_for
        phone = self._facts.phones[text.phone_ref]
        event = phone.events.get(f"{text.workspace_id}/{text.event_id}")
        if text.kind == "reply" or event is None:
            return
        refused = text.kind == "confirmation" and withdrawal.reason not in STRUCK
        event.unconfirmed = event.unconfirmed or refused
        if withdrawal.reason == "capped":
            self._no_room(event, withdrawal)
        long_ago = withdrawal.at - PATIENCE
        if waited_for == "waiting_for_consent":
            live = [name for name in phone.allows(event.booking) if phone.known_since[name] < long_ago]
            promise(not live, "a consent wakes what waits for it", withdrawal, live)
        elif waited_for in ("waiting_for_start", "held_unclear"):
            loud = phone.loud_since is not None and phone.loud_since < long_ago
            promise(not loud, "START wakes what waits for it", withdrawal, phone.loud_since)

    def _no_room(self, event: EventFacts, withdrawal: Withdrawal) -> None:
        text, room = withdrawal.text, self._policy.cap - len(event.used())
        alone = len(self._policy.leads) == 1
        first = alone and not any(d.text.kind == "interview_reminder" for d in event.released)
        if text.wording == "cancelled" or (text.kind == "interview_reminder" and first):
            promise(room <= 0, f"a slot is kept for the {text.wording}", withdrawal, room)

    # --- what the sender tells

    def accepted(self, delivery: Delivery, attempt: int) -> None:
        """The carrier took a text."""
        text = delivery.text
        self._note("carrier", delivery)
        version = version_of(text)
        promise(isinstance(self.first[version], Delivery), "what was withdrawn first is not sent", delivery)
        before = [d for _, d, _ in self.taken if d.text.text_id == text.text_id]
        promise(not before, "a text is sent once", delivery)
        promise(not self.replaying, "a replay sends nothing", delivery)
        self.taken.append((self._now(), delivery, attempt))

    def posting(self, delivery: Delivery) -> None:
        """A send begins: what the plan has called back does not go."""
        if delivery.reply_token is None:
            text = delivery.text
            event = self._facts.phones[text.phone_ref].events[f"{text.workspace_id}/{text.event_id}"]
            self._going.is_still_true(event, delivery)

    def journaled(self, text: TextRef, end: str, reason: str) -> None:
        """A version of a text ended."""
        self._note("journal", f"{end} {text.wording} {text.text_id[:5]} v{text.plan_version} {reason}")
        self.ends[text.text_id].append((text.plan_version, end, reason))

    # --- for people

    def note(self, who: str, what: Message | str) -> None:
        """A line of the history."""
        self._note(who, what)

    def _note(self, who: str, what: Message | str) -> None:
        said = what if isinstance(what, str) else self._names.brief(what)
        self.history.append(f"{self._now():%d %H:%M:%S} {who:<14} {said}")
