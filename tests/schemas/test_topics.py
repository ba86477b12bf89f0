"""How messages are named and placed on their topics, and what is said of bytes that are none."""

from typing import Any

import msgspec
import pytest

from schemas.base import Message, encode
from schemas.deliveries import ScopeWithdrawal
from schemas.phone_states import EndedState, StartAsked, StopState
from schemas.topics import BOOKING_EVENTS, TOPIC_OF, decode
from tests.desk import Desk
from tests.makers import (
    OTHER_PHONE,
    PHONE,
    a_booking,
    a_booking_event,
    a_change,
    a_consent,
    a_setting,
    a_sign_up,
    an_end,
    an_sms,
    at,
    ref,
)

REF = ref(PHONE)


def off(study: str | None) -> ScopeWithdrawal:
    return ScopeWithdrawal(
        partition=7,
        workspace_id="w1",
        study_id=study,
        reason="study_off",
        settings_revision=2,
        at=at("12:00"),
    )


def ended(workspace: str | None, person: str | None) -> EndedState:
    return EndedState(phone_ref=REF, workspace_id=workspace, person_id=person, ended_at=at("12:00"))


# each row: a message, its key, what its partition comes from
PLACES: list[tuple[Message, str, str | int]] = [
    # public topics: by what upstream knows
    (a_booking_event(event_id="e1"), "w1/b1", "w1/b1"),
    (a_change(), "w1", "w1"),
    (a_setting(study_id="s1", name="zone", value="UTC"), "w1|s1|zone", "w1|s1|zone"),
    (a_setting(), "w1||sms_enabled", "w1||sms_enabled"),
    # match reads all of an event from one log
    (a_booking(event_id="e1"), "w1/e1", "w1/e1"),
    # all that can lead to a text lies with its phone
    (a_consent(), REF, REF),
    (an_end(), REF, REF),
    (an_sms("STOP"), REF, REF),
    # one key per fact of a phone, so that compaction loses none
    (StopState(phone_ref=REF, stop_at=None, start_at=None, hold_at=None), f"{REF}|stop", REF),
    (ended(None, None), f"{REF}|ended", REF),
    (ended("w1", "p1"), f"{REF}|ended|w1|p1", REF),
    # a switch turned off goes to one partition, whatever its key
    (off("s1"), "w1|s1", 7),
    (off(None), "w1|", 7),
]


@pytest.mark.parametrize(("message", "key", "place"), PLACES)
def test_keys_and_places(message: Message, key: str, place: str | int) -> None:
    topic = TOPIC_OF[type(message)]
    assert (topic.key(message), topic.place_of(message)) == (key, place)


def test_a_start_that_is_asked_about_has_its_own_key() -> None:
    asked = StartAsked(
        phone=PHONE, phone_ref=REF, inbound_uuid="u1", received_at=at("12:00"), stop_at=at("11:00")
    )
    assert TOPIC_OF[StartAsked].key(asked) == f"{REF}|start-asked"


def test_whatever_a_worker_writes_finds_its_key() -> None:
    """A booking, a move, replies and settings: each message that comes of them has a key and a place."""
    desk = Desk()
    desk.put(a_booking_event(), a_sign_up(), a_change(phone=OTHER_PHONE), an_sms("CANCEL"))
    desk.run_to(at("16:00"))
    desk.put(a_setting(value=False, revision=2), a_booking_event(booking_id="b2", phone="none"))
    topics = {TOPIC_OF[type(message)].name for message in desk.out}
    assert topics >= {"delivery-events", "sms-deliveries", "phone-states", "notices", "consent-ledger"}
    for message in desk.out:
        topic = TOPIC_OF[type(message)]
        assert topic.key(message)
        assert isinstance(topic.place_of(message), str | int)


# each row: bytes, and what is said of them
UNREADABLE: dict[str, tuple[bytes, str]] = {
    "no JSON": (b"STOP", "malformed"),
    "not UTF-8": (b'{"type":"booking","message_id":"\xff"}', "UTF-8|utf-8"),
    "nested too deeply": (b'{"type":"booking","x":' + b"[" * 100_000, "nested too deeply"),
    "another topic's": (encode(an_sms("STOP")), "inbound"),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_what_cannot_be_read_is_an_error_that_says_why(case: str) -> None:
    payload, why = UNREADABLE[case]
    with pytest.raises(msgspec.DecodeError, match=why):
        decode(BOOKING_EVENTS.name, payload)


def test_fields_of_later_days_are_ignored() -> None:
    content: dict[str, Any] = msgspec.json.decode(encode(a_booking_event()))
    assert decode(BOOKING_EVENTS.name, msgspec.json.encode({**content, "later": 1})) == a_booking_event()
