"""What the carrier accepted and its network lost: a reminder goes once more under ``verified``, no other."""

import pytest

from schemas.bookings import TextEnded
from schemas.deliveries import Delivery
from schemas.phone_states import StopState
from sender.fold import CLOSED
from tests.sender.street import Street, eventually, now
from tests.sender.texts import delivery, new_phone, reminder, withdrawal

pytestmark = [pytest.mark.servers, pytest.mark.timeout(180)]

PASSING = ("20", "80", "300", "1000")
FOR_GOOD = ("50", "200", "420", "451")


def states(street: Street, text: Delivery) -> list[str]:
    return [event.state for event in street.events(text.text.text_id)]


def reach(street: Street, text: Delivery, state: str) -> None:
    eventually(lambda: state in states(street, text), 40, otherwise=street.logs)


def pass_by(street: Street) -> None:
    """Several sweeps: another reminder is lost, sent again and delivered meanwhile."""
    other = reminder(new_phone())
    street.carrier.behave(other.phone, "failed:300")
    street.publish(other)
    reach(street, other, "delivered")


def test_each_code_that_may_pass_gets_one_second_try(street: Street) -> None:
    street.start(LOST_RETRY_S="1")
    texts = {code: reminder(new_phone()) for code in PASSING}
    for code, text in texts.items():
        street.carrier.behave(text.phone, f"{'undelivered' if code == '80' else 'failed'}:{code}")
    street.publish(*texts.values())
    for code, text in texts.items():
        reach(street, text, "delivered")
        events = [e for e in street.events(text.text.text_id) if e.state != "sent"]
        told = [(e.state, e.final, e.attempt) for e in events if e.state in ("accepted", "delivered")]
        assert told == [("accepted", True, 1), ("accepted", False, 2), ("delivered", False, 2)]
        assert [e.carrier_code for e in events if e.state in ("failed", "undelivered")] == [code]
        assert street.sent(text.text.text_id) == 2
    ended = [m for m in street.read("bookings") if isinstance(m, TextEnded)]
    counts = [len(m.counted_ids) for m in ended if m.text_id == texts["20"].text.text_id]
    assert counts == [1, 2]  # the count of six knows both
    assert street.log().count('"event": "second_try"') == len(PASSING)


def test_a_second_try_that_is_lost_too_is_the_last(street: Street) -> None:
    street.start()
    text = reminder(new_phone())
    street.carrier.behave(text.phone, "failed:300", 2)
    street.publish(text)
    eventually(lambda: states(street, text).count("failed") == 2, 40, otherwise=street.logs)
    pass_by(street)
    assert street.sent(text.text.text_id) == 2


def test_strict_and_other_kinds_and_other_codes_have_none(street: Street) -> None:
    street.start("strict", REMINDER_POLICY="strict", LOST_RETRY_S="0")
    strict = [reminder(new_phone()) for _ in PASSING]
    for code, text in zip(PASSING, strict, strict=True):
        street.carrier.behave(text.phone, f"failed:{code}")
    street.publish(*strict)
    for text in strict:
        reach(street, text, "failed")
    other = delivery(new_phone())
    street.publish(other)
    reach(street, other, "delivered")
    street.stop("strict")
    street.start(LOST_RETRY_S="0")
    texts = [delivery(new_phone()), *(reminder(new_phone()) for _ in FOR_GOOD)]
    for code, text in zip(("300", *FOR_GOOD), texts, strict=True):
        street.carrier.behave(text.phone, f"failed:{code}")
    street.publish(*texts)
    for text in texts:
        reach(street, text, "failed")
    pass_by(street)
    assert {street.sent(text.text.text_id) for text in (*strict, *texts)} == {1}


def test_a_second_try_asks_the_gate_anew(street: Street) -> None:
    """Stopped, or withdrawn, after the loss and before its time."""
    street.start(LOST_RETRY_S="4")
    stopped, withdrawn, free = (reminder(new_phone()) for _ in range(3))
    for text in (stopped, withdrawn, free):
        street.carrier.behave(text.phone, "failed:20")
    street.publish(stopped, withdrawn, free)
    for text in (stopped, withdrawn, free):
        reach(street, text, "failed")
    stop = StopState(phone_ref=stopped.text.phone_ref, stop_at=now(), start_at=None, hold_at=None)
    street.publish(stop, withdrawal(withdrawn.text))
    reach(street, free, "delivered")
    assert [street.sent(t.text.text_id) for t in (stopped, withdrawn, free)] == [1, 1, 2]
    assert [state for state in states(street, withdrawn) if state in CLOSED or state == "suppressed"] == [
        "accepted"
    ]


def test_another_sender_makes_the_second_try(street: Street) -> None:
    """The one that sent it is killed after the loss, before the second try's time."""
    street.start(LOST_RETRY_S="8")
    text = reminder(new_phone())
    street.carrier.behave(text.phone, "failed:80")
    street.publish(text)
    reach(street, text, "failed")
    street.kill()
    street.start("next", LOST_RETRY_S="8")
    reach(street, text, "delivered")
    assert street.sent(text.text.text_id) == 2
