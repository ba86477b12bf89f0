"""``World(seed).run()``: one seed, one history. The real FLOWS, a hostile broker, virtual time.

People book, move, cancel, sign up, change phones, say STOP at the worst instant; records are doubled, late
and out of order between topics; the worker breaks off between any two sub-steps and comes back after outages;
clocks jump. Whatever happens, the promises hold (``tests.simulation.promises``).
"""

import heapq
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

from schemas.base import Message
from tests.makers import BRITISH_PHONE, at, policy, ref
from tests.simulation.broker import Broker
from tests.simulation.ending import Ending
from tests.simulation.facts import Facts
from tests.simulation.history import Names
from tests.simulation.people import People
from tests.simulation.promises import Promises
from tests.simulation.sender import Sender
from tests.simulation.stories import Author, Habits, Story
from tests.simulation.worker import CRASHES, Worker

PHONES = [f"+1330823550{n}" for n in range(1, 5)]
PARTITIONS = 2
STEPS_MAX = 60_000


class World:
    """A made-up fortnight. ``barrier=False`` shows what the barrier prevents."""

    def __init__(self, seed: int, *, barrier: bool = True) -> None:
        self.seed = seed
        r = self.random = Random(seed)
        start = r.choice((at("09:00"), at("18:00"), at("20:30"), at("06:00"), at("23:00", day=-17 - 7)))
        self.now = start + timedelta(seconds=r.randrange(7200))
        minutes = r.choice(((15,), (15,), (15,), (1440, 15)))
        self.policy = policy(
            partitions=PARTITIONS,
            leads=tuple(timedelta(minutes=m) for m in minutes),
            start_needs_list=r.random() < 0.7,
            carrier_auto_replies=r.choice(("auto", "never")),
        )
        self.broker = Broker(PARTITIONS)
        phones = PHONES[: r.choice((1, 2, 3, 4))] + ([BRITISH_PHONE] if r.random() < 0.1 else [])
        self.people = People(r, self._clock, self.later, self.broker, phones)
        self.facts = Facts(self.people.said, self._clock, start_needs_list=self.policy.start_needs_list)
        named = {name(phone): f"phone{n}" for n, phone in enumerate(phones, 1) for name in (str, ref)}
        self._names = Names(named)
        self.promises = Promises(self.policy, self.facts, self.broker, self._clock, self._names)
        self.worker = Worker(self.broker, self.policy, r, self._clock, self.promises, barrier=barrier)
        trouble = r.choice((0.0, 0.05, 0.25))
        self.sender = Sender(self.broker, r, self._clock, self.people, self.promises, trouble=trouble)
        self.author = Author(r, self._clock, self.later, phones, self._habits())
        self._phones = phones
        self._agenda: list[tuple[datetime, int, Callable[[], object]]] = []
        self._count = self._steps = 0
        self._crash_rate = r.choice((0.0, 0.02, 0.1))
        self.garbled = 0
        self._down_until: datetime | None = None
        self._schedule()

    def _clock(self) -> datetime:
        return self.now

    def _habits(self) -> Habits:
        """Worlds differ in what they are full of."""
        r = self.random
        weights = [r.choice((0.05, 0.3, 1.0)) for _ in range(5)]
        total = sum(weights)
        change, phone_change, replace, day_of, _ = (w / total for w in weights)
        return Habits(change, phone_change, replace, day_of, r.choice((0, 0.2)), r.choice((0, 0.2)))

    # --- what will happen

    def later(self, after: timedelta, message: Message) -> None:
        """Publish a message after a while."""
        self._at(self.now + after, lambda: self._publish(message))

    def _publish(self, message: Message) -> None:
        self.promises.note("outside", message)
        self.broker.publish(message, self.now)

    def _at(self, when: datetime, what: Callable[[], object]) -> None:
        self._count += 1
        heapq.heappush(self._agenda, (when, self._count, what))

    def _schedule(self) -> None:
        r = self.random
        for workspace in ("w1", "w2"):
            self.people.switch(workspace, None, on=True)
        for _ in range(r.choice((1, 2, 3, 5))):
            self._at(self.now + timedelta(seconds=r.choice((0, 5, 900, 7000))), self._begin)
        for _ in range(r.choice((0, 0, 1, 3))):
            self._at(self.now + timedelta(seconds=r.randrange(9000)), self._toggle)
        if r.random() < 0.15:
            self._at(self.now + timedelta(seconds=r.randrange(9000)), self._garble)
        if r.random() < 0.1:
            self._brake(self.now + timedelta(seconds=r.randrange(9000)))
        if r.random() < 0.1:
            self._at(self.now, lambda: self.people.drift(r.choice(self._phones)))
        if r.random() < 0.1:
            phone, hour = r.choice(self._phones), self.now + timedelta(hours=1)
            for _ in range(8):
                when = hour + timedelta(minutes=r.choice((0, 5, 20, 50, 70)))
                self._at(when, lambda: self.people.text(phone, "help"))

    def _begin(self) -> None:
        r, story = self.random, self.author.begin()
        span = max((story.booking.starts_at - self.now).total_seconds() + 1200, 60)
        for _ in range(r.choice((0, 1, 2, 3, 6, 10))):
            near = r.choice((span, 300, 120))
            self._at(self.now + timedelta(seconds=r.random() * near), lambda: self.author.turn(story))
        for _ in range(r.choice((0, 0, 1, 2, 4))):
            self._at(self._worst_instant(story, span), lambda: self._reply(story))
        if r.random() < 0.15:
            self._at(self._worst_instant(story, span), lambda: self._consent_turns(story))
        if r.random() < 0.15:
            self._at(self._worst_instant(story, span), lambda: self._outage(story))

    def _worst_instant(self, story: Story, span: float) -> datetime:
        """Near a booking, a change or a reminder, seconds before or after."""
        r = self.random
        reminder = story.booking.starts_at - self.policy.leads[-1]
        near = r.choice((self.now, self.now + timedelta(seconds=60), reminder))
        if r.random() < 0.3:
            near = self.now + timedelta(seconds=r.random() * span)
        return max(self.now, near + timedelta(seconds=r.choice((-3, -1, 0, 0, 1, 3, 20))))

    def _reply(self, story: Story) -> None:
        r = self.random
        phone = story.booking.phone or story.sign_up_phone or self._phones[0]
        if phone not in self._phones:
            phone = self._phones[0]
        meanings = ("opt_out", "opt_out", "opt_in", "opt_in", "help", "held", "other", "other")
        meaning = "wrong_number" if r.random() < 0.03 else r.choice(meanings)
        self.people.text(phone, meaning)
        if meaning in ("opt_out", "held") and r.random() < 0.6:
            soon = self.now + timedelta(seconds=r.choice((0, 4, 30, 900, 100_000)))
            self._at(soon, lambda: self.people.text(phone, "opt_in"))

    def _consent_turns(self, story: Story) -> None:
        r = self.random
        phone = r.choice(self._phones)
        if r.random() < 0.7:
            self.people.end_consent(story, phone)
        if r.random() < 0.5:
            self.people.grant_by_staff(story, phone)
        if r.random() < 0.3:
            self.author.sign_up(story, phone, timedelta(seconds=r.choice((0, 50))))

    def _toggle(self) -> None:
        r = self.random
        workspace, study = "w1", r.choice((None, "s1"))
        self.people.switch(workspace, study, on=False)
        if r.random() < 0.7:
            back = self.now + timedelta(seconds=r.choice((1, 100, 5000)))
            self._at(back, lambda: self.people.switch(workspace, study, on=True))

    def _outage(self, story: Story) -> None:
        """The worker is away while a text comes due, and while the event it is about changes."""
        r = self.random
        back = self.now + timedelta(seconds=r.choice((30, 900, 9000)))
        until = self._down_until = max(back, self._down_until or back)
        self.promises.note("world", f"the worker is away until {until:%d %H:%M:%S}")
        self._at(until, lambda: self._come_back(until))
        for _ in range(r.choice((0, 1, 2))):
            self._at(self.now + (back - self.now) * r.random(), lambda: self.author.turn(story))

    def _come_back(self, until: datetime) -> None:
        """The outage ends, unless a longer one began; what the clock does afterwards changes nothing."""
        if self._down_until == until:
            self._down_until = None
            self.worker.restart()

    def _brake(self, when: datetime) -> None:
        """An operator pauses all sends, and lets go again."""
        back = when + timedelta(seconds=self.random.choice((30, 900, 20_000)))
        self._at(when, lambda: self._pause(paused=True))
        self._at(back, lambda: self._pause(paused=False))

    def _pause(self, *, paused: bool) -> None:
        self.promises.note("operator", "pauses all sends" if paused else "lets sends go again")
        self.sender.paused = paused

    def _garble(self) -> None:
        self.garbled += 1
        phone = self.random.choice(self._phones)
        self.promises.note("outside", f"{self._names.of(phone)} texts STOP in bytes that nobody can read")
        self.people.text_garbled(phone)

    # --- how it turns

    def run(self) -> "World":
        """Until nothing is left to happen, then on until the tables are tidy; raises ``BrokenPromise``."""
        self._work()
        while self._agenda or self._is_busy():
            self._move_on()
            self._work()
        ending = Ending(self)
        ending.check()
        while self._next_at() is not None:
            self._move_on()
            self._work()
        ending.check_tidied()
        return self

    def _is_busy(self) -> bool:
        """Whether more than tidying is to come."""
        due = self._next_at()
        return due is not None and due < self.now + self.policy.keep_after_start / 2

    def _work(self) -> None:
        """Some steps at this instant: mostly all there are, sometimes few."""
        r = self.random
        soon = self._agenda and self._agenda[0][0] < self.now + timedelta(minutes=30)
        patience = r.choice((0, 3, 20)) if soon and r.random() < 0.3 else STEPS_MAX
        while patience > 0 and self.step():
            patience -= 1

    def step(self) -> bool:
        """One step of worker, clock or sender, whoever chance picks; False if there is nothing to do."""
        r, up = self.random, self._down_until is None
        lanes = self.worker.pending() if up else []
        if up and (not lanes or r.random() < 0.2) and self.worker.tick():
            return True
        work = self.sender.work()
        if not lanes and not work:
            return False
        self._steps += 1
        assert self._steps < STEPS_MAX, "the world does not come to rest"
        if lanes and (not work or r.random() < 0.7):
            flow, place = r.choice(lanes)
            rate = self._crash_rate * (3 if flow.name == "match" else 1)
            crash = r.choice(CRASHES) if r.random() < rate else None
            if crash:
                self.promises.note("world", f"a crash {crash}")
            self.worker.step(flow, place, crash)
        else:
            r.choice(work)()
        return True

    def _next_at(self) -> datetime | None:
        due = [self.worker.next_tick_at() if self._down_until is None else None, self.sender.next_at()]
        return min((when for when in due if when is not None), default=None)

    def _move_on(self) -> None:
        """To the next thing that happens, or a jump beyond it."""
        due = [self._agenda[0][0]] if self._agenda else []
        due += [when for when in (self._next_at(),) if when is not None]
        soon = self.now + timedelta(seconds=5)
        self.now = max(self.now, min(due, default=self.now))
        if self.now > soon:
            self.worker.commit()
        if self.random.random() < 0.05:
            self.now += timedelta(seconds=self.random.choice((-20, -2, 2, 70, 1000)))
        while self._agenda and self._agenda[0][0] <= self.now:
            heapq.heappop(self._agenda)[2]()
