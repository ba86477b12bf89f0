"""Bookings and sign-ups meet; an event goes from phone to phone, and what the old one knew goes along."""

from typing import Any

import pytest
from msgspec.structs import replace

from agents.intake import take_sign_up
from agents.match import match
from agents.moment import Moment
from rules.texts import CONSENT_TEXT, CONSENT_VERSION, consent_sha256
from schemas.base import Message
from schemas.bookings import BookingState, DayOf, DayOfAsked, Handover, Left
from schemas.consent import ConsentGiven
from schemas.deliveries import Delivery, Withdrawal
from schemas.notices import Notice
from tests.desk import Desk, ended, notices, of, planned, sent, withdrawn
from tests.makers import OTHER_PHONE, PHONE, THIRD_PHONE, a_booking, a_booking_event, a_sign_up, at, ref


class Slow(Desk):
    """A desk where what match says to the rows is delivered by hand."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.held: list[Message] = []

    def agent(self, message: Message) -> Any:
        held = isinstance(message, BookingState | Left | Handover)
        return self._hold if held else super().agent(message)

    def _hold(self, message: Message, *_: Any) -> list[Message]:
        self.held.append(message)
        return []

    def deliver(self, kind: type[Any], phone: str) -> list[Message]:
        """Hand the first held message of a kind to its row."""
        message = next(m for m in self.held if isinstance(m, kind) and m.phone_ref == ref(phone))
        self.held.remove(message)
        return self.put_now(message)


def to_phone(phone: str, revision: int, **changes: Any) -> Any:
    return a_booking_event(phone=phone, revision=revision, **changes)


def consents(*phones: str) -> list[Message]:
    return [a_sign_up(sign_up_id=f"su{phone[-1]}", phone=phone, at=at("11:00")) for phone in phones]


# Meeting


def test_booking_and_sign_up_meet_in_either_order() -> None:
    for messages in ([a_booking_event(phone=None), a_sign_up()], [a_sign_up(), a_booking_event(phone=None)]):
        desk = Desk()
        desk.put(*messages)
        assert sent(desk.run_to(at("12:00"))) == ["confirmation"]


def test_a_sign_up_is_a_consent_whether_or_not_its_phone_counts() -> None:
    desk = Desk()
    desk.put(a_booking_event(), a_sign_up(phone=OTHER_PHONE))
    assert list(desk.tables.consents) == [ref(OTHER_PHONE)]
    assert list(desk.tables.bookings) == [ref(PHONE)]


def test_the_same_sign_up_twice_is_one_consent() -> None:
    desk = Desk()
    desk.put(a_booking_event(), a_sign_up(), a_sign_up())
    assert len(desk.tables.consents[ref(PHONE)].consents) == 1
    assert len(desk.texts("confirmation")) == 1


def test_a_consent_carries_its_evidence() -> None:
    desk = Desk()
    moment = Moment(now=at("12:00"), partition=0, policy=desk.policy)
    [given] = of(take_sign_up(a_sign_up(), desk.tables, moment), ConsentGiven)
    form, proof = a_sign_up(), given.evidence
    assert (given.person_id, given.workspace_id, given.event_id) == ("p1", "w1", "b1")
    assert (given.phone, proof.phone_typed, proof.study_id) == (PHONE, "(330) 823-5501", "s1")
    assert (given.at, proof.zone) == (at("12:00"), "America/New_York")
    assert (proof.disclosure_text, proof.disclosure_version) == (CONSENT_TEXT, CONSENT_VERSION)
    assert (proof.disclosure_sha256, proof.act) == (consent_sha256(), "submit")
    assert (proof.source_url, proof.form_version) == (form.source_url, form.form_version)
    assert (proof.ip, proof.user_agent, proof.locale) == (form.ip, form.user_agent, form.locale)


# Notices


@pytest.mark.parametrize(
    ("booking", "wanted"),
    [
        # nothing amiss
        (a_booking_event(), []),
        # no phone, and no sign-up gave one
        (a_booking_event(phone=None), ["waiting_for_phone"]),
        # one that can't be read
        (a_booking_event(phone="330"), ["phone_invalid"]),
        (a_booking_event(zone="Mars/Base"), ["zone_invalid"]),
        # nobody waits for the phone of a cancelled booking
        (a_booking_event(phone=None, status="cancelled"), []),
    ],
)
def test_what_upstream_must_know(booking: Any, wanted: list[str]) -> None:
    desk = Desk()
    assert notices(desk.put(booking)) == wanted
    assert desk.put(booking) == []


def test_notices_hold_no_personal_data() -> None:
    [notice] = of(Desk().put(a_booking_event(phone="330")), Notice)
    assert (notice.kind, notice.reason, notice.booking_id) == ("phone_invalid", "country_missing", "b1")


def test_a_sign_up_before_its_booking_leaves_nothing_to_wait_for() -> None:
    assert notices(Desk().put(a_sign_up(), a_booking_event(phone=None))) == []


def test_records_that_only_change_the_chain_say_nothing() -> None:
    desk = Desk()
    last = a_booking_event(booking_id="c", event_id="b1", replaces_booking_id="b")
    desk.put(a_sign_up(), last)
    assert desk.put(a_booking_event(booking_id="b", event_id="b1", replaces_booking_id="b1")) == []
    assert desk.put(a_booking_event()) == []


# A changed phone


def test_the_old_phones_texts_are_withdrawn_and_the_new_one_needs_its_own_consent() -> None:
    desk = Desk()
    desk.put(a_booking_event(), a_sign_up())
    desk.run_to(at("12:30"))
    out = desk.put(to_phone(OTHER_PHONE, 2))
    assert withdrawn(out) == [("reminder", "phone_changed")]
    assert planned(out) == ["confirmation", "reminder"]
    assert sent(desk.run_to(at("13:00"))) == []
    [confirmation] = of(desk.put(a_sign_up(sign_up_id="su2", phone=OTHER_PHONE, at=at("13:00"))), Delivery)
    assert confirmation.phone == OTHER_PHONE
    [counted] = confirmation.counted_ids
    assert counted.startswith(desk.texts("confirmation")[0].text_id), "the cap goes on counting"


def test_what_was_under_way_to_the_old_phone_is_called_back() -> None:
    desk = Desk(accepts=False)
    desk.put(a_booking_event(), a_sign_up())
    desk.run_to(at("12:00"))
    assert ("confirmation", "phone_changed") in withdrawn(desk.put(to_phone(OTHER_PHONE, 2)))


def test_an_unreadable_phone_moves_the_time_and_withdraws_the_old_phone() -> None:
    desk = Desk()
    desk.put(a_booking_event(), a_sign_up())
    desk.run_to(at("12:30"))
    out = desk.put(a_booking_event(revision=2, phone="330", starts_at=at("16:00")))
    assert withdrawn(out) == [("reminder", "phone_changed")]
    assert notices(out) == ["phone_invalid"]
    assert sent(desk.run_to(at("13:00"))) == []
    out = desk.put(a_sign_up(sign_up_id="su2", phone=OTHER_PHONE, at=at("13:00"))) + desk.run_to(at("13:00"))
    [confirmation] = of(out, Delivery)
    assert "4:00 PM" in confirmation.body
    assert len(confirmation.counted_ids) == 1


def test_there_and_back_one_confirmation_and_one_reminder() -> None:
    desk = Desk()
    desk.put(a_booking_event(), *consents(PHONE, OTHER_PHONE))
    desk.run_to(at("12:00"))
    desk.put(to_phone(OTHER_PHONE, 2))
    assert sent(desk.run_to(at("12:10"))) == ["confirmation"]
    out = desk.put(to_phone(PHONE, 3))
    assert planned(out) == ["reminder"]
    [reminder] = of(desk.run_to(at("15:00")), Delivery)
    assert (reminder.phone, len(reminder.counted_ids)) == (PHONE, 2)


def test_there_and_back_within_the_lead_the_reminder_still_comes() -> None:
    desk = Desk()
    desk.put(a_booking_event(), *consents(PHONE, OTHER_PHONE))
    desk.run_to(at("14:40"))
    desk.put(to_phone(OTHER_PHONE, 2))
    desk.now = at("14:50")
    desk.put(to_phone(PHONE, 3))
    assert sent(desk.run_to(at("14:50"))) == ["reminder"]


def test_a_cancellation_is_told_to_the_new_phone_if_the_old_one_knew_of_the_booking() -> None:
    desk = Desk()
    desk.put(a_booking_event(), *consents(PHONE, OTHER_PHONE))
    desk.run_to(at("12:00"))
    desk.put(to_phone(OTHER_PHONE, 2, status="cancelled"))
    [cancelled] = of(desk.run_to(at("12:10")), Delivery)
    assert (cancelled.phone, cancelled.text.wording) == (OTHER_PHONE, "cancelled")


def test_an_event_that_has_left_for_nowhere_hands_over_when_a_phone_comes() -> None:
    desk = Desk()
    desk.put(a_booking_event(), *consents(PHONE, OTHER_PHONE))
    desk.run_to(at("12:00"))
    desk.put(a_booking_event(revision=2, phone="330"))
    desk.put(to_phone(OTHER_PHONE, 3))
    [confirmation] = of(desk.run_to(at("12:10")), Delivery)
    assert len(confirmation.counted_ids) == 1


# Handovers out of order


def gone(*phones: str) -> Slow:
    """A desk whose event was confirmed on the first phone and went to the others; nothing delivered yet."""
    desk = Slow()
    desk.put(a_booking_event(), *consents(PHONE, OTHER_PHONE, THIRD_PHONE))
    desk.deliver(BookingState, PHONE)
    desk.run_to(at("12:00"))
    for n, phone in enumerate(phones, start=2):
        desk.put(to_phone(phone, n))
    return desk


def test_the_new_phone_waits_for_the_handover() -> None:
    desk = gone(OTHER_PHONE)
    desk.deliver(BookingState, OTHER_PHONE)
    assert sent(desk.run_to(at("12:10"))) == []
    assert {t.waits_for for t in desk.texts("confirmation", OTHER_PHONE)} == {"waiting_for_handover"}
    desk.deliver(Left, PHONE)
    desk.deliver(Handover, OTHER_PHONE)
    [confirmation] = of(desk.run_to(at("12:10")), Delivery)
    assert len(confirmation.counted_ids) == 1


def test_a_later_state_does_not_end_the_waiting() -> None:
    desk = gone(OTHER_PHONE)
    desk.put(to_phone(OTHER_PHONE, 3, starts_at=at("16:00")))
    desk.deliver(BookingState, OTHER_PHONE)
    desk.deliver(BookingState, OTHER_PHONE)
    assert sent(desk.run_to(at("12:10"))) == []


def test_a_handover_that_comes_before_its_state_is_kept() -> None:
    desk = gone(OTHER_PHONE)
    desk.deliver(Left, PHONE)
    desk.deliver(Handover, OTHER_PHONE)
    assert desk.tables.bookings[ref(OTHER_PHONE)].early
    desk.deliver(BookingState, OTHER_PHONE)
    [confirmation] = of(desk.run_to(at("12:10")), Delivery)
    assert len(confirmation.counted_ids) == 1
    assert not desk.tables.bookings[ref(OTHER_PHONE)].early


def test_a_handover_whose_state_never_comes_is_forgotten() -> None:
    desk = gone(OTHER_PHONE)
    desk.deliver(Left, PHONE)
    desk.deliver(Handover, OTHER_PHONE)
    desk.run_to(at("16:00", day=31))
    assert desk.tables.bookings == {}


def test_from_the_second_to_the_third_only_after_the_first_answered() -> None:
    desk = gone(OTHER_PHONE, THIRD_PHONE)
    for kind, phone in ((BookingState, OTHER_PHONE), (Left, OTHER_PHONE), (BookingState, THIRD_PHONE)):
        desk.deliver(kind, phone)
    assert not [m for m in desk.held if isinstance(m, Handover)]
    assert sent(desk.run_to(at("12:10"))) == []
    for kind, phone in ((Left, PHONE), (Handover, OTHER_PHONE), (Handover, THIRD_PHONE)):
        desk.deliver(kind, phone)
    [confirmation] = of(desk.run_to(at("12:10")), Delivery)
    assert (confirmation.phone, len(confirmation.counted_ids)) == (THIRD_PHONE, 1)


def test_back_before_anything_was_handed_over() -> None:
    desk = gone(OTHER_PHONE, PHONE, OTHER_PHONE)
    for kind, phone in (
        (BookingState, OTHER_PHONE),
        (Left, OTHER_PHONE),
        (BookingState, OTHER_PHONE),
        (Left, PHONE),
        (BookingState, PHONE),
        (Left, PHONE),
        (Handover, OTHER_PHONE),
        (Handover, PHONE),
        (Handover, OTHER_PHONE),
    ):
        desk.deliver(kind, phone)
    assert desk.held == []
    assert desk.event(phone=OTHER_PHONE).awaits == ()
    [confirmation] = of(desk.run_to(at("12:10")), Delivery)
    assert (confirmation.phone, len(confirmation.counted_ids)) == (OTHER_PHONE, 1)


def test_repeated_messages_of_a_change_of_phone_change_nothing() -> None:
    desk = gone(OTHER_PHONE)
    again = list(desk.held)
    for kind, phone in ((BookingState, OTHER_PHONE), (Left, PHONE)):
        desk.deliver(kind, phone)
    [handover] = desk.held
    desk.deliver(Handover, OTHER_PHONE)
    before = dict(desk.tables.bookings)
    assert desk.put_now(*again, handover) == []
    assert desk.tables.bookings == before


def test_a_row_that_does_not_know_the_event_answers_with_an_empty_handover() -> None:
    desk = Desk()
    left = Left(
        phone_ref=ref(PHONE),
        workspace_id="w1",
        event_id="b9",
        version=2,
        to=OTHER_PHONE,
        to_ref=ref(OTHER_PHONE),
    )
    desk.put(left)
    [known] = desk.tables.bookings[ref(OTHER_PHONE)].early.values()
    assert (known.counted_ids, known.told) == ([], None)
    assert desk.put(replace(left, to=None, to_ref=None)) == []


def test_a_text_that_ends_unsent_after_the_handover_corrects_it() -> None:
    desk = Desk(accepts=False)
    desk.put(a_booking_event(), *consents(PHONE, OTHER_PHONE, THIRD_PHONE))
    [confirmation] = of(desk.run_to(at("12:00")), Delivery)
    desk.put(ended(confirmation))
    desk.put(a_booking_event(revision=2, status="cancelled"))
    [cancelled] = of(desk.run_to(at("12:10")), Delivery)
    desk.put(to_phone(OTHER_PHONE, 3, status="cancelled"))
    desk.put(to_phone(THIRD_PHONE, 4, status="cancelled"))
    assert sent(desk.run_to(at("12:20"))) == [], "it may have heard"
    desk.put(ended(cancelled, "suppressed"))
    [told] = of(desk.run_to(at("12:30")), Delivery)
    assert (told.phone, told.text.wording, len(told.counted_ids)) == (THIRD_PHONE, "cancelled", 1)


def test_an_end_that_corrects_nothing_is_not_passed_on() -> None:
    desk = Desk(accepts=False)
    desk.put(a_booking_event(), *consents(PHONE, OTHER_PHONE))
    [confirmation] = of(desk.run_to(at("12:00")), Delivery)
    desk.put(to_phone(OTHER_PHONE, 2))
    before = desk.event(phone=OTHER_PHONE)
    desk.put(ended(confirmation))
    assert desk.event(phone=OTHER_PHONE) == before


def test_withdrawals_of_a_phone_name_that_phone() -> None:
    desk = Desk()
    desk.put(a_booking_event(), a_sign_up())
    out = desk.put(to_phone(OTHER_PHONE, 2))
    assert {w.text.phone_ref for w in of(out, Withdrawal)} == {ref(PHONE)}


def test_the_state_says_which_version_awaits_a_handover() -> None:
    desk = Desk()
    moment = Moment(now=at("12:00"), partition=0, policy=desk.policy)
    first = match(a_booking(), desk.tables, moment)
    moved = match(a_booking(revision=2, phone=OTHER_PHONE), desk.tables, moment)
    assert [type(m).__name__ for m in first] == ["BookingState"]
    assert [(type(m).__name__, m.version) for m in of(moved, Left)] == [("Left", 2)]
    assert [m.awaits_handover for m in of([*first, *moved], BookingState)] == [False, True]


def test_a_handover_of_another_time_changes_nothing() -> None:
    desk = gone(OTHER_PHONE)
    desk.deliver(BookingState, OTHER_PHONE)
    desk.deliver(Left, PHONE)
    [handover] = [m for m in desk.held if isinstance(m, Handover)]
    before = desk.event(phone=OTHER_PHONE)
    assert desk.put_now(replace(handover, version=1)) == []
    assert desk.event(phone=OTHER_PHONE) == before


# Day-of updates that staff asks for


def asked(name: str = "ask1", **changes: Any) -> DayOfAsked:
    fields: dict[str, Any] = {"asked_id": name, "workspace_id": "w1", "event_id": "b1", "actor": "ana"}
    return DayOfAsked(**{**fields, "kind": "interviewer_late", "at": at("14:30"), **changes})


def test_what_staff_asks_for_goes_once_and_takes_no_revision_of_upstream() -> None:
    desk = Desk()
    desk.put(a_booking_event(), a_sign_up())
    desk.run_to(at("14:46"))
    assert planned(desk.put(asked(), asked())) == ["interviewer_late"]
    assert sent(desk.run_to(at("14:46"))) == ["interviewer_late"]
    assert planned(desk.put(asked("ask2", kind="place_changed"))) == ["place_changed"]
    desk.run_to(at("14:47"))
    assert desk.put(asked()) == []
    out = desk.put(a_booking_event(revision=2, starts_at=at("17:00"))) + desk.run_to(at("14:49"))
    assert sent(out) == ["moved_last"]


def test_two_notices_of_one_revision_by_staff_and_upstream_both_go() -> None:
    desk = Desk()
    desk.put(a_booking_event(day_of=DayOf(kind="interviewer_late")), a_sign_up())
    assert sorted(sent(desk.run_to(at("12:00")))) == ["confirmation", "interviewer_late"]
    assert planned(desk.put(asked())) == ["interviewer_late"]


@pytest.mark.parametrize("status", ["cancelled", None])
def test_nothing_is_asked_of_a_booking_that_does_not_stand(status: str | None) -> None:
    desk = Desk()
    if status:
        desk.put(a_booking_event(), a_sign_up(), a_booking_event(revision=2, status=status))
    assert desk.put(asked()) == []
