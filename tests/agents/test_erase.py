"""Erasure in the tables: rows go, open texts are withdrawn, and what silences the phone stays."""

import msgspec

from schemas.deliveries import Withdrawal
from schemas.erasure import EraseEvent, ErasePhone, ErasePlans, EraseReplies
from schemas.ledger import LedgerEntry
from schemas.phone_states import EndedState, StartAsked
from tests.desk import Desk, of, sent, withdrawn
from tests.makers import PHONE, a_booking_event, a_sign_up, an_sms, at, ref

NAMED = {"erasure_id": "e1", "phone_ref": ref(PHONE), "at": at("13:30")}
ORDERS = (
    EraseEvent(workspace_id="w1", event_id="b1", **NAMED),
    ErasePhone(actor="op", reason="asked by letter", **NAMED),
    EraseReplies(**NAMED),
    ErasePlans(**NAMED),
)


def stopped() -> Desk:
    """A desk whose phone got a confirmation at noon, and said STOP and more at one."""
    desk = Desk()
    desk.put(a_booking_event(), a_sign_up())
    desk.run_to(at("13:00"))
    desk.put(an_sms("STOP", received_at=at("13:00")))
    desk.run_to(at("13:30"))
    return desk


def test_nothing_of_the_phone_is_left_in_any_table() -> None:
    desk = stopped()
    desk.put(*ORDERS)
    tables = {name: dict(getattr(desk.tables, name)) for name in desk.tables.__dataclass_fields__}
    left = msgspec.json.encode(tables).decode()
    assert PHONE not in left
    assert PHONE[2:] not in left
    assert desk.tables.event_phones == desk.tables.bookings == {}


def test_open_texts_are_withdrawn_for_that_reason_and_nothing_goes_later() -> None:
    desk = Desk()
    desk.put(a_booking_event(), a_sign_up())
    desk.run_to(at("13:30"))
    out = desk.put(*ORDERS)
    assert withdrawn(out) == [("reminder", "erased")]
    assert sent(desk.run_to(at("16:00"))) == []


def test_a_text_with_the_sender_is_taken_back_too() -> None:
    desk = Desk(accepts=False)
    desk.put(a_booking_event(), a_sign_up())
    desk.run_to(at("13:30"))
    assert {reason for _, reason in withdrawn(desk.put(*ORDERS))} == {"erased"}
    assert len(of(desk.out, Withdrawal)) == 2


def test_the_opt_out_stays_by_reference() -> None:
    desk = stopped()
    out = desk.put(*ORDERS)
    row = desk.tables.opt_outs[ref(PHONE)]
    assert (row.stop_at, row.phone) == (at("13:00"), None)
    desk.put(a_booking_event(message_id="m9", booking_id="b9", event_id="b9"), a_sign_up(event_id="b9"))
    assert sent(desk.run_to(at("14:59"))) == []
    assert [state.phone for state in of(out, StartAsked)] == ["+10000000000"], (
        "overwrites a number that waits"
    )


def test_consents_end_in_the_ledger_and_for_the_sender() -> None:
    desk = stopped()
    out = desk.put(*ORDERS)
    [state] = of(out, EndedState)
    assert (state.workspace_id, state.person_id, state.ended_at) == (None, None, at("13:30"))
    [entry] = of(out, LedgerEntry)
    assert (entry.fact.kind, entry.fact.source, entry.fact.reason) == (
        "consent_ended",
        "erasure",
        "asked by letter",
    )


def test_an_order_repeated_changes_nothing_more() -> None:
    desk = stopped()
    desk.put(*ORDERS)
    before = {name: dict(getattr(desk.tables, name)) for name in desk.tables.__dataclass_fields__}
    out = desk.put(*ORDERS)
    assert withdrawn(out) == []
    assert of(out, LedgerEntry) == []
    assert {name: dict(getattr(desk.tables, name)) for name in desk.tables.__dataclass_fields__} == before


def test_who_signs_up_again_is_texted_again() -> None:
    desk = Desk()
    desk.put(a_booking_event(), a_sign_up())
    desk.run_to(at("13:30"))
    desk.put(*ORDERS)
    later = {"booking_id": "b2", "event_id": "b2", "message_id": "m2", "starts_at": at("18:00")}
    desk.put(a_booking_event(**later), a_sign_up(event_id="b2", sign_up_id="s2", at=at("14:00")))
    assert sent(desk.run_to(at("14:05"))) == ["confirmation"]


def test_a_phone_nobody_knows_is_no_error() -> None:
    assert of(Desk().put(*ORDERS), EndedState) == []


def test_an_event_that_never_had_a_phone_is_forgotten_alone() -> None:
    desk = Desk()
    desk.put(a_booking_event(phone=None))
    assert len(desk.tables.event_phones) == 1
    order = EraseEvent(erasure_id="e1", workspace_id="w1", event_id="b1", phone_ref=None, at=at("13:30"))
    assert desk.put(order) == []
    assert desk.tables.event_phones == {}
