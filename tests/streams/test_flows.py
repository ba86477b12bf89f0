"""One record through one flow: handled, or kept as a dead letter; a reply that may say STOP always counts."""

import hashlib
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest
from structlog.testing import capture_logs

from agents.moment import Moment
from agents.tables import Tables
from schemas.base import Message, encode
from schemas.bookings import BookingInput
from schemas.dead_letters import DeadLetter
from schemas.ledger import ConsentFact
from schemas.phone_states import StopState
from streams.flows import handle
from streams.lane import TooLarge
from streams.topology import FLOWS, Flow
from tests.makers import PHONE, a_booking_event, a_change, an_sms, at, policy, ref

FLOW = {flow.name: flow for flow in FLOWS}
MOMENT = Moment(now=at("13:00"), partition=1, policy=policy())


@dataclass
class Read:
    """A record as the consumer hands it on."""

    value: bytes | None
    key: bytes | None = b"k"
    topic: str = "a-topic"
    partition: int = 1
    offset: int = 7
    timestamp: int = int(at("12:30").timestamp() * 1000)


def test_what_can_be_read_goes_to_the_agent() -> None:
    [out] = handle(FLOW["intake"], Read(encode(a_booking_event())), Tables(), MOMENT)
    assert isinstance(out, BookingInput)


@pytest.mark.parametrize(
    ("flow", "value", "reason"),
    [
        # no JSON, nothing at all, a tombstone
        ("intake", b"{", "Input data was truncated"),
        ("intake", b"", "Input data was truncated"),
        ("intake", None, "Input data was truncated"),
        # not UTF-8
        ("intake", b'{"type":"booking","message_id":"\xff"}', "not UTF-8"),
        # a type nobody knows: the value is not repeated
        ("intake", b'{"type":"+13308235501"}', "Invalid value - at `$.type`"),
        # a field of another type, named
        ("intake", b'{"type":"booking","message_id":17}', "Expected `str`, got `int` - at `$.message_id`"),
        # another topic's record
        ("match", encode(a_booking_event()), "Invalid value - at `$.type`"),
        # read, but not meant
        ("intake_consent", encode(a_change(person_id=None)), "person_id: needed for a grant"),
    ],
)
def test_what_cannot_be_read_or_meant_is_kept(flow: str, value: bytes | None, reason: str) -> None:
    [letter] = handle(FLOW[flow], Read(value), Tables(), MOMENT)
    assert isinstance(letter, DeadLetter)
    assert letter.reason.startswith(reason)
    assert (letter.topic, letter.partition, letter.offset, letter.key) == ("a-topic", 1, 7, b"k")
    assert letter.payload == value
    assert letter.sha256 == hashlib.sha256(value or b"").hexdigest()


def test_a_closed_set_names_the_field_and_not_the_value() -> None:
    event = msgspec.to_builtins(a_booking_event())
    raw = msgspec.json.encode({**event, "type": "booking", "status": "+13308235501"})
    [letter] = handle(FLOW["intake"], Read(raw), Tables(), MOMENT)
    assert isinstance(letter, DeadLetter)
    assert letter.reason == "Invalid enum value - at `$.status`"


def test_a_row_that_would_be_too_large_is_a_dead_letter() -> None:
    def full(_: Any, __: Tables, ___: Moment) -> list[Message]:
        raise TooLarge("too large")

    [letter] = handle(
        Flow("full", FLOW["intake"].topic, full), Read(encode(a_booking_event())), Tables(), MOMENT
    )
    assert isinstance(letter, DeadLetter)
    assert letter.reason == "the row of this key is full"


def garbled(
    value: bytes, *, key: bytes | None = ref(PHONE).encode(), **changes: Any
) -> tuple[Tables, list[Message]]:
    tables = Tables()
    with capture_logs() as logs:
        out = handle(FLOW["opt_out"], Read(value, key=key, **changes), tables, MOMENT)
    assert PHONE not in str(logs)
    assert len(logs) == (1 if b"STOP" in value else 0)
    return tables, out


def test_a_reply_that_cannot_be_read_but_may_say_stop_opts_out_and_is_kept() -> None:
    tables, [letter, state, fact] = garbled(b'{"type":"inbound","text":"STOP"}')
    assert isinstance(letter, DeadLetter)
    assert isinstance(state, StopState)
    assert isinstance(fact, ConsentFact)
    assert tables.opt_outs[ref(PHONE)].stop_at == state.stop_at == at("12:30")
    assert (fact.kind, fact.source) == ("opted_out", "unread_reply")


def test_the_same_record_again_is_the_same_stop() -> None:
    _, first = garbled(b"STOP")
    _, again = garbled(b"STOP")
    assert first == again


@pytest.mark.parametrize("timestamp", [-1, 0, int(at("14:00").timestamp() * 1000), 2**62])
def test_a_timestamp_that_cannot_be_true_is_now(timestamp: int) -> None:
    tables, _ = garbled(b"STOP", timestamp=timestamp)
    assert tables.opt_outs[ref(PHONE)].stop_at == at("13:00")


@pytest.mark.parametrize("key", [None, b"", b"+13308235501", b"\xff" * 32])
def test_a_key_that_names_no_phone_is_told_of_and_nothing_else(key: bytes | None) -> None:
    tables, out = garbled(b"STOP", key=key)
    assert [type(m).__name__ for m in out] == ["DeadLetter"]
    assert tables.opt_outs == {}


def test_an_unreadable_reply_without_an_opt_out_is_only_kept() -> None:
    tables, out = garbled(b'{"type":"inbound","text":"see you"}')
    assert [type(m).__name__ for m in out] == ["DeadLetter"]
    assert tables.opt_outs == {}


def test_other_topics_read_no_stop_into_broken_records() -> None:
    [letter] = handle(FLOW["intake"], Read(b"STOP"), Tables(), MOMENT)
    assert isinstance(letter, DeadLetter)


def test_a_reply_that_can_be_read_is_handled_as_ever() -> None:
    tables = Tables()
    handle(FLOW["opt_out"], Read(encode(an_sms("STOP"))), tables, MOMENT)
    assert tables.opt_outs[ref(PHONE)].stop_at == at("13:00")
