"""A delivery reaches the carrier once, whatever is repeated, withdrawn, planned anew or cannot be read."""

import pytest

from tests.sender.street import Street, eventually
from tests.sender.texts import delivery, new_phone, ref, withdrawal

pytestmark = pytest.mark.servers


def test_a_text_is_sent_once_and_told(street: Street) -> None:
    street.start()
    sent = delivery(new_phone())
    street.publish(sent, sent)
    assert street.end(sent.text.text_id) == "accepted"
    street.publish(sent)
    later = delivery(new_phone())
    street.publish(later)
    assert street.end(later.text.text_id) == "accepted"
    assert street.sent(sent.text.text_id) == 1
    states = [event.state for event in street.events(sent.text.text_id)]
    assert states[0] == "accepted"
    eventually(lambda: "delivered" in [e.state for e in street.events(sent.text.text_id)])
    ended = [m for m in street.read("bookings") if m.text_id == sent.text.text_id]
    assert [(m.end, m.counted_ids) for m in ended] == [("accepted", [f"{sent.text.text_id}#1"])]


def test_a_withdrawal_before_the_sender_is_there_wins(street: Street) -> None:
    sent, waits = delivery(new_phone()), ref(new_phone())
    street.publish(sent, withdrawal(sent.text), withdrawal(waits, "expired"))
    street.start()
    ends = street.ends(sent.text.text_id, waits.text_id)
    assert ends == {sent.text.text_id: "suppressed cancelled", waits.text_id: "expired"}
    assert street.sent(sent.text.text_id) == 0


def test_each_version_has_its_own_end(street: Street) -> None:
    """Moved there and back: the text of the first version is withdrawn, that of the third goes."""
    street.start()
    first = delivery(new_phone())
    street.publish(first)
    assert street.end(first.text.text_id) == "accepted"
    phones = [new_phone() for _ in range(30)]
    for phone in phones:  # before a sender that is ready, so that each version may be met at any moment
        street.publish(
            delivery(phone),
            withdrawal(ref(phone), "moved"),
            withdrawal(ref(phone, plan_version=2), "moved"),
            delivery(phone, text=ref(phone, plan_version=3)),
        )
    names = [ref(phone).text_id for phone in phones]
    eventually(lambda: all(street.all_sent()[name] for name in names), otherwise=street.logs)
    street.ends(*names)
    told = [event for event in street.read("delivery-events") if event.final]
    for name in names:
        ends = {e.plan_version: (e.state, e.reason) for e in told if e.text_id == name}
        if ends[1] == ("accepted", None):  # it went before its withdrawal was there: the text is over
            continue
        assert ends == {1: ("suppressed", "moved"), 2: ("suppressed", "moved"), 3: ("accepted", None)}


@pytest.mark.parametrize("topic", ["sms-deliveries", "phone-states", "settings-copies", "delivery-reports"])
def test_what_cannot_be_read_is_kept_and_the_rest_goes_on(street: Street, topic: str) -> None:
    street.start()
    street.publish_raw(topic, b"\xff\x00", b"{}", b"", b'{"type":"delivery","text":1}', b"[" * 100_000)
    sent = delivery(new_phone())
    street.publish(sent)
    assert street.end(sent.text.text_id) == "accepted"
    eventually(lambda: len([d for d in street.read("dead-letters") if d.topic == topic]) == 20)


def test_a_text_in_the_wrong_place_or_with_another_number_is_kept_out(street: Street) -> None:
    street.start()
    one, other = delivery(new_phone()), delivery(new_phone())
    wrong = delivery(new_phone(), text=one.text)
    street.publish(wrong)
    street.publish_in_place(other, elsewhere=1)
    street.publish(one)
    assert street.end(one.text.text_id) == "accepted"
    reasons = [d.reason for d in street.read("dead-letters")]
    assert "phone_ref is not that of phone" in reasons
    assert any(reason.startswith("belongs to partition") for reason in reasons)
    assert street.sent(other.text.text_id) == 0
