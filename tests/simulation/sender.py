"""Sender, carrier and projector as the world has them: what the core may count on, and no more.

It ends every text once, tells the plan so, in order but late, and sends nothing that the facts it was told
forbid. A try may stay unknown for a while; a reminder may get a second one.
"""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Literal, Protocol

from schemas.base import Message
from schemas.bookings import TextEnded
from schemas.deliveries import Delivery, ScopeWithdrawal, TextRef, Withdrawal
from schemas.phone_states import EndedState, StartAsked, StopState
from schemas.sms import CarrierBlock, StartConfirmed
from schemas.topics import PHONE_STATES, SMS_DELIVERIES
from tests.simulation.broker import Broker, Place
from tests.simulation.gate import Fate, Gate

End = Literal["accepted", "suppressed", "expired", "rejected", "unresolved"]
CLOSED = ("accepted", "rejected", "unresolved")
LIST_TAKES = timedelta(seconds=20)


class Phones(Protocol):
    """The carrier's view of phones."""

    def blocked(self, phone: str, now: datetime) -> bool:
        """Whether the carrier refuses texts to this phone."""

    def start_is_last(self, phone: str, uuid: str, stop_at: datetime | None) -> bool:
        """Whether the carrier's list shows this START later than the STOP."""


class Watcher(Protocol):
    """Who is told what the carrier took, and how texts ended."""

    def accepted(self, delivery: Delivery, attempt: int) -> None:
        """The carrier took a text."""

    def posting(self, delivery: Delivery) -> None:
        """A send begins, and the sender has read all there is for this phone."""

    def journaled(self, text: TextRef, end: End, reason: str) -> None:
        """A version of a text ended."""


class Sender:
    """One sender for all partitions."""

    def __init__(
        self,
        broker: Broker,
        random: Random,
        now: Callable[[], datetime],
        phones: Phones,
        watcher: Watcher,
        *,
        trouble: float,
    ) -> None:
        self._broker, self._random, self._now = broker, random, now
        self._phones, self._watcher, self._trouble = phones, watcher, trouble
        self._places = broker.places(SMS_DELIVERIES.name) + broker.places(PHONE_STATES.name)
        self._read_to: defaultdict[Place, int] = defaultdict(int)
        self._gate = Gate()
        self.fates = self._gate.fates
        self.paused = False
        """The brake: nothing but replies goes."""
        self._queue: dict[str, Delivery] = {}
        self._unknown: dict[str, Delivery] = {}
        self._ends: list[TextEnded] = []
        self._asked: list[tuple[datetime, StartAsked]] = []

    # --- steps

    def work(self) -> list[Callable[[], None]]:
        """What could be done now, one of each kind."""
        logs = self._broker.logs
        work: list[Callable[[], None]] = []
        unread = [place for place in self._places if self._read_to[place] < len(logs.get(place, ()))]
        if unread:
            work.append(lambda: self._read(self._random.choice(unread)))
        ready = [name for name, d in self._queue.items() if d.reply_token is not None or not self.paused]
        if ready:
            work.append(lambda: self._attempt(self._random.choice(ready)))
        if self._unknown:
            work.append(lambda: self._settle(self._random.choice(list(self._unknown))))
        if self._ends:
            work.append(self._project)
        if self._asked and self._asked[0][0] <= self._now():
            work.append(self._confirm_start)
        return work

    def next_at(self) -> datetime | None:
        """When there will be work that is not there now."""
        return self._asked[0][0] if self._asked else None

    def _read(self, place: Place) -> None:
        entry = self._broker.logs[place][self._read_to[place]]
        self._read_to[place] += 1
        match entry.message:
            case Delivery() as delivery:
                self._deliver(delivery)
            case Withdrawal() as withdrawal:
                self._withdraw(withdrawal)
            case StopState() | EndedState() | ScopeWithdrawal() as fact:
                self._gate.read(fact)
                self._call_back(place[1])
            case StartAsked() as asked:
                self._asked.append((self._now() + LIST_TAKES, asked))

    def _deliver(self, delivery: Delivery) -> None:
        text = delivery.text
        fate = self.fates[text.text_id]
        if fate.closed or text.plan_version <= fate.ended_version:
            return
        if fate.open is None or fate.open.text.plan_version < text.plan_version:
            fate.open = delivery
        if fate.unknown:
            return
        off = self._off(delivery)
        if text.plan_version <= fate.killed:
            self._end(text, "suppressed", fate.kill_reason)
        elif off is not None:
            self._end(text, "suppressed", off)
        else:
            self._queue[text.text_id] = fate.open

    def _off(self, delivery: Delivery) -> str | None:
        return self._gate.switched_off(delivery, self._broker.partition_of(delivery.text.phone_ref))

    def _call_back(self, partition: int) -> None:
        for delivery in list(self._queue.values()):
            if self._broker.partition_of(delivery.text.phone_ref) == partition:
                reason = self._off(delivery)
                if reason is not None:
                    self._end(delivery.text, "suppressed", reason)

    def _withdraw(self, withdrawal: Withdrawal) -> None:
        text = withdrawal.text
        fate = self.fates[text.text_id]
        if fate.closed:
            return
        if text.plan_version > fate.killed:
            fate.killed, fate.kill_reason = text.plan_version, withdrawal.reason
        if not fate.unknown and text.plan_version > fate.ended_version:
            end: End = "expired" if withdrawal.reason == "expired" else "suppressed"
            self._end(text, end, withdrawal.reason)

    # --- tries

    def _attempt(self, text_id: str) -> None:
        delivery = self._queue[text_id]
        text, now, fate = delivery.text, self._now(), self.fates[text_id]
        if now > delivery.not_after:
            return self._end(text, "expired", "expired")
        no = self._gate.refuses(delivery)
        if no is not None:
            return self._end(text, "suppressed", no)
        if delivery.reply_token is None and self._phones.blocked(delivery.phone, now):
            block = CarrierBlock(phone_ref=text.phone_ref, text_id=text_id, posted_at=now)
            self._broker.publish(block, now)
            return self._end(text, "suppressed", "carrier_blocked")
        place = SMS_DELIVERIES.name, self._broker.partition_of(text.phone_ref)
        if self._read_to[place] == len(self._broker.logs[place]):
            self._watcher.posting(delivery)
        self._gate.count(delivery)
        return self._answer(delivery, fate, self._random.random())

    def _answer(self, delivery: Delivery, fate: Fate, luck: float) -> None:
        text_id = delivery.text.text_id
        if luck < self._trouble:
            fate.unknown = True
            self._unknown[text_id] = self._queue.pop(text_id)
        elif luck < self._trouble * 1.3:
            self._gate.discount(delivery)
            self._end(delivery.text, "rejected", "rejected")
        else:
            self._watcher.accepted(delivery, fate.attempts)
            self._end(delivery.text, "accepted", "reply")

    def _settle(self, text_id: str) -> None:
        """Evidence comes, or a second try is due, or a person must look."""
        delivery, fate, luck = self._unknown.pop(text_id), self.fates[text_id], self._random.random()
        fate.unknown = False
        if luck < 0.5:
            self._watcher.accepted(delivery, fate.attempts)
            return self._end(delivery.text, "accepted", "evidence")
        if luck < 0.65:
            return self._end(delivery.text, "unresolved", "no evidence")
        if luck < 0.85 or delivery.text.kind != "interview_reminder" or fate.attempts > 1:
            self._gate.discount(delivery)
            fate.attempts -= 1
        return self._again(delivery, fate)

    def _again(self, delivery: Delivery, fate: Fate) -> None:
        """Back into the queue, if nothing withdrew it meanwhile; a later version goes in its place."""
        newest = fate.open or delivery
        off = self._off(newest)
        if newest.text.plan_version <= fate.killed:
            end: End = "expired" if fate.kill_reason == "expired" else "suppressed"
            self._end(newest.text, end, fate.kill_reason)
        elif off is not None:
            self._end(newest.text, "suppressed", off)
        else:
            self._queue[newest.text.text_id] = newest

    # --- ends

    def _end(self, text: TextRef, end: End, reason: str) -> None:
        fate = self.fates[text.text_id]
        fate.ended_version = max(fate.ended_version, text.plan_version)
        fate.closed = fate.closed or end in CLOSED
        fate.open = None
        self._queue.pop(text.text_id, None)
        self._watcher.journaled(text, end, reason)
        if text.workspace_id is not None and text.event_id is not None:
            self._ends.append(
                TextEnded(
                    phone_ref=text.phone_ref,
                    workspace_id=text.workspace_id,
                    event_id=text.event_id,
                    text_id=text.text_id,
                    plan_version=text.plan_version,
                    end=end,
                    counted_ids=sorted(fate.tries),
                    at=self._now(),
                )
            )

    def _project(self) -> None:
        self._publish(self._ends.pop(0))

    def _confirm_start(self) -> None:
        _, asked = self._asked.pop(0)
        newer = self._phones.start_is_last(asked.phone, asked.inbound_uuid, asked.stop_at)
        self._publish(
            StartConfirmed(
                phone=asked.phone,
                phone_ref=asked.phone_ref,
                inbound_uuid=asked.inbound_uuid,
                received_at=asked.received_at,
                newer=newer,
            )
        )

    def _publish(self, message: Message) -> None:
        for _ in range(2 if self._random.random() < 0.05 else 1):
            self._broker.publish(message, self._now())
