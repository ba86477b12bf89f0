"""What a reply does to a phone, and the one answer it gets. STOP wins every doubt."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from agents.moment import Moment
from agents.opt_out import keep_opt_outs, stop_unread
from schemas.bookings import ReplyDue
from schemas.deliveries import Delivery
from schemas.ledger import ConsentFact, LedgerEntry
from schemas.phone_states import EndedState, StartAsked, StopState
from schemas.rows import PhoneStops
from schemas.sms import CarrierBlock, HoldOver, ReplyHandled, StartConfirmed
from tests.desk import Desk, notices, of, sent
from tests.makers import PHONE, a_booking_event, a_sign_up, an_sms, at, ref

HELD = "can we stop a bit earlier tomorrow"


def texted(**settings: Any) -> Desk:
    """A desk whose phone got a confirmation at noon; it is one o'clock."""
    desk = Desk(**settings)
    desk.put(a_booking_event(), a_sign_up())
    desk.run_to(at("13:00"))
    return desk


def says(desk: Desk, text: str, when: str | datetime = "13:00", **changes: Any) -> list[Any]:
    received_at = at(when) if isinstance(when, str) else when
    desk.run_to(received_at)
    return desk.put(an_sms(text, received_at=received_at, **changes))


def stops(desk: Desk) -> PhoneStops:
    return desk.tables.opt_outs[ref(PHONE)]


def facts(messages: list[Any]) -> list[tuple[str, str]]:
    return [(m.fact.kind, m.fact.source) for m in of(messages, LedgerEntry)]


def confirm_start(desk: Desk, messages: list[Any], *, newer: bool = True) -> list[Any]:
    """The carrier's list answers."""
    [asked] = of(messages, StartAsked)
    fields = {"phone": asked.phone, "phone_ref": asked.phone_ref, "received_at": asked.received_at}
    return desk.put(StartConfirmed(inbound_uuid=asked.inbound_uuid, newer=newer, **fields))


# STOP


def test_stop_is_kept_told_to_the_sender_proved_and_confirmed_once() -> None:
    desk = texted()
    out = says(desk, "STOP")
    assert stops(desk).stop_at == at("13:00")
    assert of(out, StopState) == [
        StopState(phone_ref=ref(PHONE), stop_at=at("13:00"), start_at=None, hold_at=None)
    ]
    assert facts(out) == [("opted_out", "reply")]
    [answer] = of(out, Delivery)
    assert answer.text.wording == "reply_stop"
    assert answer.text.event_id == "b1"


def test_the_same_text_twice_is_one_text() -> None:
    desk = texted()
    sms = an_sms("STOP")
    desk.put(sms)
    assert desk.put(sms) == []


@pytest.mark.parametrize(
    ("second", "answers"),
    [
        # one confirmation, however often it is repeated
        ("13:01", 1),
        ("13:30", 1),
    ],
)
def test_stop_again_is_not_confirmed_again(second: str, answers: int) -> None:
    desk = texted()
    out = says(desk, "STOP") + says(desk, "STOP!", second)
    assert sent(out) == ["reply_stop"] * answers
    assert stops(desk).stop_at == at(second)


@pytest.mark.parametrize(
    ("again", "answers"),
    [
        # START in between makes the next one another, but one in five minutes is enough
        ("13:04", 1),
        ("13:06", 2),
    ],
)
def test_stop_after_a_start(again: str, answers: int) -> None:
    desk = texted(start_needs_list=False)
    out = says(desk, "STOP") + says(desk, "START", "13:01") + says(desk, ["STOP", "please"][0], again)
    assert sent(out).count("reply_stop") == answers


@pytest.mark.parametrize(
    ("setting", "intent", "answered"),
    [
        # the carrier's reading says whether it answered
        ("auto", "", True),
        ("auto", "optout", False),
        ("always", "", False),
        ("never", "optout", True),
    ],
)
def test_no_confirmation_if_the_carrier_gave_one(setting: str, intent: Any, *, answered: bool) -> None:
    desk = texted(carrier_auto_replies=setting)
    assert (sent(says(desk, "STOP", intent=intent)) == ["reply_stop"]) == answered
    assert stops(desk).stop_at == at("13:00")


def test_the_button_of_the_manage_page_is_confirmed_on_the_page() -> None:
    out = says(texted(), "STOP", signature="page")
    assert sent(out) == []
    assert facts(out) == [("opted_out", "manage_page")]


def test_an_earlier_stop_read_later_changes_no_maximum() -> None:
    desk = texted()
    says(desk, "STOP", "13:10")
    desk.put(an_sms("STOP", received_at=at("13:05")))
    assert stops(desk).stop_at == at("13:10")


def test_cancel_opts_out_and_somebody_is_told_whoever_answers() -> None:
    for intent, answer in (("", ["reply_stop"]), ("optout", [])):
        out = says(texted(), "CANCEL", intent=intent)
        assert sent(out) == answer
        assert notices(out) == ["texted_cancel"]


def test_cancel_without_a_booking_tells_nobody() -> None:
    assert notices(says(Desk(), "CANCEL")) == []


# START


def test_start_takes_effect_when_the_carriers_list_shows_it() -> None:
    desk = texted()
    says(desk, "STOP")
    asked = says(desk, "START", "13:30")
    assert sent(asked) == []
    assert stops(desk).start_at is None
    out = confirm_start(desk, asked)
    assert (stops(desk).start_at, stops(desk).asked) == (at("13:30"), None)
    assert facts(out) == [("opted_in", "reply")]
    assert sent(out) == ["reply_start"]
    assert sent(desk.run_to(at("15:00"))) == ["reminder"]


@pytest.mark.parametrize("silencer", ["STOP", HELD])
def test_a_start_that_the_list_shows_wakes_what_waits_for_it(silencer: str) -> None:
    desk = Desk()
    says(desk, silencer)
    desk.put(a_booking_event(), a_sign_up(at=at("13:10")))
    desk.run_to(at("13:20"))
    out = confirm_start(desk, says(desk, "START", "13:30"))
    assert sent(out) == ["confirmation", "reply_start"]


def test_a_start_that_the_list_does_not_show_later_is_refused() -> None:
    desk = texted()
    says(desk, "STOP")
    out = confirm_start(desk, says(desk, "START", "13:30"), newer=False)
    assert facts(out) == [("start_refused", "reply")]
    assert (stops(desk).start_at, stops(desk).asked, sent(out)) == (None, None, [])


def test_a_start_confirmed_after_another_stop_is_recorded_and_changes_nothing() -> None:
    desk = texted()
    says(desk, "STOP")
    asked = says(desk, "START", "13:10")
    says(desk, "STOP", "13:20")
    out = confirm_start(desk, asked)
    assert facts(out) == [("start_refused", "reply")]
    assert (stops(desk).start_at, sent(out)) == (at("13:10"), [])


def test_a_tie_is_a_stop() -> None:
    desk = texted(start_needs_list=False)
    desk.put(an_sms("STOP"))
    out = desk.put(an_sms("START"))
    assert facts(out) == [("start_refused", "reply")]
    assert sent(out) == []


def test_a_start_confirmed_twice_counts_once() -> None:
    desk = texted()
    says(desk, "STOP")
    asked = says(desk, "START", "13:30")
    confirm_start(desk, asked)
    assert confirm_start(desk, asked) == []


@pytest.mark.parametrize(
    ("needs_list", "signature", "at_once"),
    [
        # a setting may waive the list, where the signature covers the text
        (False, "v3", True),
        (False, "v2", False),
        (True, "v3", False),
    ],
)
def test_whether_start_asks_the_list(needs_list: bool, signature: str, at_once: bool) -> None:
    desk = texted(start_needs_list=needs_list)
    says(desk, "STOP")
    out = says(desk, "START", "13:30", signature=signature)
    assert (sent(out) == ["reply_start"]) == at_once
    assert bool(of(out, StartAsked)) != at_once


def test_start_of_a_phone_that_is_not_silent_does_nothing() -> None:
    desk = texted()
    assert says(desk, "START") == []
    assert stops(desk).start_at is None


def test_yes_never_opts_in() -> None:
    desk = texted()
    says(desk, "STOP")
    assert says(desk, "yes", "13:30", intent="optin") == []
    assert stops(desk).start_at is None


# Held


def test_an_opt_out_word_in_a_sentence_holds_the_phone_and_asks_once() -> None:
    desk = texted()
    out = says(desk, HELD)
    assert (stops(desk).hold_at, stops(desk).hold_words) == (at("13:00"), HELD)
    assert facts(out) == [("held", "reply")]
    assert sent(out) == ["reply_unclear"]
    assert sent(says(desk, HELD, "13:05")) == [], "one question"
    assert stops(desk).hold_at == at("13:05")


def test_if_the_carrier_answered_we_do_not_ask() -> None:
    assert sent(says(texted(carrier_auto_replies="always"), HELD)) == []


def test_a_hold_that_nobody_answers_is_a_stop_with_the_sentence_as_evidence() -> None:
    desk = texted()
    said = says(desk, HELD)
    assert facts(desk.run_to(at("12:59:59", day=1))) == []
    out = desk.run_to(at("13:00", day=1))
    assert facts(out) == [("opted_out", "no_answer")]
    assert stops(desk).stop_at == at("13:00")
    [held], [opted_out] = of(said, LedgerEntry), of(out, LedgerEntry)
    assert held.fact.evidence_digest == opted_out.fact.evidence_digest != ""
    assert desk.run_to(at("20:00", day=1)) == []


def test_a_start_that_the_list_shows_after_the_hold_was_over_still_counts() -> None:
    desk = texted()
    says(desk, HELD)
    asked = says(desk, "START", at("12:59", day=1))
    desk.run_to(at("13:30", day=1))
    assert sent(confirm_start(desk, asked)) == []
    assert stops(desk).start_at == at("12:59", day=1)


def test_the_end_of_a_hold_that_was_settled_changes_nothing() -> None:
    over = HoldOver(phone_ref=ref(PHONE), hold_at=at("13:00"))
    assert Desk().put(over) == []
    desk = texted(start_needs_list=False)
    says(desk, HELD)
    says(desk, "START", "13:10")
    assert desk.put(over) == []
    desk = texted()
    says(desk, HELD)
    says(desk, "STOP", "13:10")
    assert desk.put(over) == []
    desk = texted()
    says(desk, HELD)
    says(desk, HELD, "13:10")
    assert desk.put(over) == []


def test_a_sentence_of_a_stopped_phone_is_noted_and_not_asked_about() -> None:
    desk = texted()
    says(desk, "STOP")
    assert sent(says(desk, HELD, "13:10")) == []
    asked = says(desk, "START", "13:05")
    assert sent(confirm_start(desk, asked)) == [], "the hold came after it"


# Wrong number, the carrier's block


def test_a_wrong_number_ends_all_consents_of_the_phone() -> None:
    desk = texted()
    out = says(desk, "wrong number")
    assert facts(out) == [("opted_out", "reply"), ("consent_ended", "wrong_number")]
    [ended] = of(out, EndedState)
    assert (ended.workspace_id, ended.ended_at) == (None, at("13:00"))
    assert desk.tables.consents[ref(PHONE)].wrong_number
    confirm_start(desk, says(desk, "START", "13:10"))
    assert sent(desk.run_to(at("15:00"))) == [], "START brings it not back"


def test_the_carriers_block_is_a_stop_of_the_refused_try() -> None:
    desk = texted()
    block = CarrierBlock(phone_ref=ref(PHONE), text_id="a" * 32, posted_at=at("13:00"))
    out = desk.put(block)
    assert facts(out) == [("carrier_blocked", "carrier")]
    assert (stops(desk).stop_at, stops(desk).by_carrier) == (at("13:00"), True)
    assert desk.put(block) == []


def test_a_start_since_outweighs_the_carriers_block() -> None:
    desk = texted()
    says(desk, "STOP", "13:00")
    confirm_start(desk, says(desk, "START", "13:30"))
    desk.put(CarrierBlock(phone_ref=ref(PHONE), text_id="a" * 32, posted_at=at("13:20")))
    assert sent(desk.run_to(at("15:00"))) == ["reminder"]


def test_a_stop_of_the_participant_is_no_longer_the_carriers() -> None:
    desk = texted()
    desk.put(CarrierBlock(phone_ref=ref(PHONE), text_id="a" * 32, posted_at=at("13:00")))
    says(desk, "STOP", "13:10")
    assert not stops(desk).by_carrier


# Answers


def test_help_is_answered_for_anyone_three_times_an_hour() -> None:
    desk = texted()
    says(desk, "STOP")
    begin = at("13:10")
    answers = [sent(says(desk, "HELP", begin + timedelta(minutes=n))) for n in (0, 1, 2, 3, 59, 60)]
    assert answers == [["reply_help"], ["reply_help"], ["reply_help"], [], [], ["reply_help"]]
    assert sent(says(Desk(), "HELP")) == ["reply_help"]


def test_help_that_the_carrier_answered_is_not_counted() -> None:
    desk = texted()
    assert sent(says(desk, "HELP", intent="help")) == []
    assert stops(desk).help_answered_at == ()


def test_the_first_other_reply_of_an_event_gets_one_answer() -> None:
    desk = texted()
    assert sent(says(desk, "thanks, see you")) == ["reply_other"]
    assert sent(says(desk, "running late", "13:05")) == []
    desk.put(
        a_booking_event(booking_id="b2", starts_at=at("18:00")), a_sign_up(sign_up_id="su2", event_id="b2")
    )
    desk.run_to(at("13:10"))
    out = says(desk, "who are you", "13:15")
    assert sent(out) == ["reply_other"]
    assert of(out, Delivery)[0].text.event_id == "b2", "a reply belongs to the booking texted last"


def test_with_no_booking_the_first_other_reply_of_all_is_answered() -> None:
    desk = Desk()
    assert sent(says(desk, "hello")) == ["reply_other"]
    assert sent(says(desk, "hello?", "13:05")) == []


@pytest.mark.parametrize("silencer", ["STOP", HELD])
def test_chatter_of_a_silent_phone_gets_no_answer(silencer: str) -> None:
    desk = texted()
    says(desk, silencer)
    assert sent(says(desk, "thanks, see you", "13:05")) == []


def test_what_was_seen_is_bounded() -> None:
    desk = texted()
    for n in range(80):
        says(desk, "thanks, see you", at("13:00") + timedelta(seconds=n))
    assert len(stops(desk).seen) == 64


def test_an_answer_goes_by_the_token_of_its_text() -> None:
    desk = texted()
    moment = Moment(now=at("13:00"), partition=0, policy=desk.policy)
    sms = an_sms("STOP", inbound_uuid="u77")
    [due] = of(keep_opt_outs(sms, desk.tables, moment), ReplyDue)
    assert (due.inbound_uuid, due.answer, due.workspace_id, due.event_id) == ("u77", "stop", "w1", "b1")


# Replies that nobody can read


def test_a_reply_that_cannot_be_read_opts_out_as_of_when_it_was_written() -> None:
    desk = Desk()
    desk.put(an_sms("can we stop a bit earlier", received_at=at("11:00")))
    moment = Moment(now=at("12:00"), partition=0, policy=desk.policy)
    state, fact = stop_unread(ref(PHONE), at("11:30"), desk.tables, moment)
    assert isinstance(state, StopState)
    assert isinstance(fact, ConsentFact)
    assert (state.stop_at, state.hold_at) == (at("11:30"), at("11:00"))
    assert (fact.kind, fact.source, fact.at) == ("opted_out", "unread_reply", at("11:30"))
    assert desk.tables.opt_outs[ref(PHONE)].stop_at == at("11:30")
    again = stop_unread(ref(PHONE), at("11:20"), desk.tables, moment)
    assert desk.tables.opt_outs[ref(PHONE)].stop_at == at("11:30"), "an earlier one changes nothing"
    assert len(again) == 2


def test_a_reply_of_a_phone_we_do_not_know_that_cannot_be_read_opts_it_out() -> None:
    desk = Desk()
    stop_unread(
        ref(PHONE), at("11:30"), desk.tables, Moment(now=at("12:00"), partition=0, policy=desk.policy)
    )
    assert desk.tables.opt_outs[ref(PHONE)].stop_at == at("11:30")


def test_what_staff_has_read_changes_nothing_for_the_phone() -> None:
    desk = Desk()
    desk.put(an_sms("what time?"))
    before = dict(desk.tables.opt_outs)
    handled = ReplyHandled(
        inbound_uuid="i1", phone_ref=ref(PHONE), workspace_id="w1", actor="coordinator", at=desk.now
    )
    assert desk.put(handled) == []
    assert desk.tables.opt_outs == before
