"""The agents as a state machine: hypothesis picks what happens, a small model of our own says what may go.

``tests.simulation`` turns whole worlds; here a counterexample shrinks to the few steps that matter.
"""

from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from rules.events import FINAL
from rules.ledger import verify
from schemas.base import Message
from schemas.bookings import BookingEvent, DayOf
from schemas.deliveries import Delivery, Withdrawal
from schemas.delivery_events import DeliveryEvent
from schemas.ledger import LedgerEntry
from schemas.rows import PhoneConsents, PhoneStops
from tests.desk import Desk, ended, of
from tests.makers import OTHER_PHONE, PHONE, a_booking_event, a_change, a_setting, a_sign_up, an_sms, at, ref

PHONES = (PHONE, OTHER_PHONE)
PERSONS = ("p1", "p2")
MINUTES = st.sampled_from((0, 1, 5, 14, 60, 240))
STARTS = st.sampled_from([at("13:00"), at("15:00"), at("17:30"), at("10:00", day=1)])
SAYINGS = {
    "stop": ("STOP", "Stop!", "CANCEL", "alto", "unsubscribe please"),
    "start": ("START", "unstop"),
    "hold": ("can we stop a bit earlier tomorrow",),
    "none": ("HELP", "yes", "see you then"),
}


class Agents(RuleBasedStateMachine):
    """One event, two phones, an afternoon; the booking may pass to another person and back."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk(start_needs_list=False, accepts=False)
        self.revision = 0
        self.messages = 0
        self.booking: BookingEvent | None = None
        self.person = PERSONS[0]
        self.published: list[Message] = []
        self.on = True
        self.consented: set[str] = set()
        self.silent: set[str] = set()
        self.sent: list[Delivery] = []
        self.closed: set[str] = set()

    @initialize(start=STARTS)
    def book(self, start: Any) -> None:
        """Every story begins with a booking."""
        self.revise(start=start, status="booked", phone=PHONE)

    # --- what happens

    @rule(
        start=STARTS, status=st.sampled_from(("booked", "booked", "cancelled")), phone=st.sampled_from(PHONES)
    )
    def revise(self, start: Any, status: str, phone: str) -> None:
        self.revision += 1
        self._revise(starts_at=start, status=status, phone=phone)

    @rule()
    def pass_on(self) -> None:
        """To the other person, as often as not back."""
        self.person = PERSONS[1 - PERSONS.index(self.person)]
        self.revision += 1
        assert self.booking is not None
        b = self.booking
        self._revise(starts_at=b.starts_at, status=b.status, phone=b.phone)

    @rule(kind=st.sampled_from(("interviewer_late", "place_changed")))
    def notify(self, kind: Any) -> None:
        self.revision += 1
        assert self.booking is not None
        b = self.booking
        day_of = DayOf(kind=kind, notice_id=f"n{self.revision}")
        self._revise(starts_at=b.starts_at, status=b.status, phone=b.phone, day_of=day_of)

    def _revise(self, **changes: Any) -> None:
        self.booking = a_booking_event(
            message_id=self._id(), revision=self.revision, person_id=self.person, **changes
        )
        self._publish(self.booking)

    @rule(phone=st.sampled_from(PHONES))
    def consent(self, phone: str) -> None:
        self.consented.add(phone)
        for person in PERSONS:
            self._publish(a_sign_up(sign_up_id=self._id(), person_id=person, phone=phone, at=self._later()))

    @rule(phone=st.sampled_from(PHONES), source=st.sampled_from(("manage_page", "staff", "upstream")))
    def withdraw(self, phone: str, source: str) -> None:
        self.consented.discard(phone)
        fields: dict[str, Any] = {"action": "withdraw", "source": source, "evidence": None, "event_id": None}
        for person in PERSONS:
            fields["person_id"] = person
            self._publish(a_change(message_id=self._id(), phone=phone, at=self._later(), **fields))

    @rule(phone=st.sampled_from(PHONES), meaning=st.sampled_from(sorted(SAYINGS)), choice=st.integers(0, 9))
    def text(self, phone: str, meaning: str, choice: int) -> None:
        said = SAYINGS[meaning][choice % len(SAYINGS[meaning])]
        if meaning in ("stop", "hold"):
            self.silent.add(phone)
        elif meaning == "start":
            self.silent.discard(phone)
        self._publish(an_sms(said, phone=phone, inbound_uuid=self._id(), received_at=self._later()))

    @rule(on=st.booleans())
    def switch(self, on: bool) -> None:
        self.on = on
        self.messages += 1
        self._publish(a_setting(value=on, revision=1 + self.messages))

    @rule(minutes=MINUTES)
    def wait(self, minutes: int) -> None:
        self._check(self.desk.run_to(self.desk.now + timedelta(minutes=minutes)))

    @rule(which=st.integers(0, 99), end=st.sampled_from(("accepted", "rejected", "unresolved", "suppressed")))
    def end(self, which: int, end: str) -> None:
        """The sender tells how a text ended, late, and once more."""
        planned = [d for d in self.sent if d.reply_token is None]
        if planned:
            message = ended(planned[which % len(planned)], end, at=self.desk.now)
            first = [e for e in self.published if getattr(e, "text_id", None) == message.text_id]
            said = first[0] if first else message
            if said.end in FINAL:
                self.closed.add(said.text_id)
            self._publish(said)

    @rule(which=st.integers(0, 99))
    def repeat(self, which: int) -> None:
        """Whatever was published comes again: nothing changes, nobody hears of it."""
        before = self._rows()
        out = self.desk.put(self.published[which % len(self.published)])
        assert not of(out, Delivery)
        assert not of(out, LedgerEntry)
        assert self._rows() == before

    # --- what must be so

    def _check(self, out: list[Message]) -> None:
        for delivery in of(out, Delivery):
            if delivery.reply_token is None:
                assert delivery.phone not in self.silent, "nothing after STOP"
                assert delivery.phone in self.consented, "nothing without consent"
                assert self.on, "nothing while switched off"
                assert delivery.text.text_id not in self.closed, "the sender takes no more of it"
                assert self.booking is not None
                assert delivery.phone == self.booking.phone, "nothing to another phone"
                cancelled = delivery.text.wording == "cancelled"
                assert cancelled == (self.booking.status == "cancelled"), "what is true"
                assert cancelled or delivery.starts_at == self.booking.starts_at, "what is true"
            assert delivery.released_at <= delivery.not_after, "nothing late"
            self.sent.append(delivery)

    @invariant()
    def six_at_most(self) -> None:
        proven_unsent = {
            e.text_id for e in self.published if getattr(e, "end", None) in ("rejected", "suppressed")
        }
        counted = [d for d in self.sent if d.counts_to_cap and d.text.text_id not in proven_unsent]
        assert len(counted) <= 6

    @invariant()
    def each_version_goes_one_way_first(self) -> None:
        planned = {(e.text_id, e.plan_version) for e in of(self.desk.out, DeliveryEvent)}
        sent = [(d.text.text_id, d.text.plan_version) for d in of(self.desk.out, Delivery)]
        gone = [(w.text.text_id, w.text.plan_version) for w in of(self.desk.out, Withdrawal)]
        assert len(sent) == len(set(sent))
        assert len(gone) == len(set(gone))
        assert {*sent, *gone} <= planned

    @invariant()
    def the_ledger_is_sound_and_says_what_the_rows_say(self) -> None:
        entries = of(self.desk.out, LedgerEntry)
        assert verify(entries, 0, self.desk.tables.ledger.get("head|0")) is None
        for phone in PHONES:
            facts = [entry.fact for entry in entries if entry.fact.phone_ref == ref(phone)]
            row = self.desk.tables.opt_outs.get(ref(phone)) or PhoneStops()
            for kind, fact_at in (
                ("opted_out", row.stop_at),
                ("held", row.hold_at),
                ("opted_in", row.start_at),
            ):
                assert max((f.at for f in facts if f.kind == kind), default=None) == fact_at, kind
            given = self.desk.tables.consents.get(ref(phone)) or PhoneConsents()
            assert {f.consent_id for f in facts if f.kind == "consent_given"} == set(given.consents)

    # --- the machinery

    def _publish(self, message: Message) -> None:
        self.published.append(message)
        self._check(self.desk.put(message))
        self._check(self.desk.run_to(self.desk.now))

    def _later(self) -> Any:
        """A second after all that was said before: the order of facts is that of their times."""
        self._check(self.desk.run_to(self.desk.now + timedelta(seconds=1)))
        return self.desk.now

    def _id(self) -> str:
        self.messages += 1
        return f"m{self.messages}"

    def _rows(self) -> list[dict[str, Any]]:
        tables = self.desk.tables
        rows = (tables.event_phones, tables.bookings, tables.consents, tables.opt_outs, tables.switches)
        return [dict(table) for table in rows]


class TestAgents(Agents.TestCase):
    settings = settings(max_examples=80, stateful_step_count=25)
