"""All topics read again from their start, by a sender without a memory: nothing goes a second time."""

from collections import Counter

import pytest

from schemas.journal import Accepted
from tests.sender.street import ENDS, Street, eventually
from tests.sender.texts import delivery, new_phone, ref, reply, withdrawal

pytestmark = [pytest.mark.servers, pytest.mark.timeout(600)]

COUNT = 2000


def test_a_replay_of_everything_sends_nothing(street: Street) -> None:
    texts = [delivery(new_phone(), valid_s=600) for _ in range(COUNT)]
    answers = [reply(new_phone(), f"inbound-{n}", valid_s=600) for n in range(20)]
    gone = [delivery(new_phone(), valid_s=600) for _ in range(50)]
    never = [ref(new_phone()) for _ in range(20)]
    street.publish(*(withdrawal(text) for text in never))
    street.publish(*gone, *(withdrawal(text.text) for text in gone))
    for first in range(0, COUNT, 500):
        street.publish(*texts[first : first + 500])
    street.publish(*answers)
    street.start(ACCOUNT_RATE_PER_S="1000", NUMBER_RATE_PER_S="1000")
    everything = [t.text.text_id for t in (*texts, *answers, *gone)] + [t.text_id for t in never]
    before = street.ends(*everything, timeout_s=400)
    street.stop()
    sent, accepted = street.all_sent(), _accepted(street)
    ends = set(_ends(street))
    street.forget_offsets()
    street.start("replayed", ACCOUNT_RATE_PER_S="1000", NUMBER_RATE_PER_S="1000")
    last = delivery(new_phone())
    street.publish(last)
    assert street.end(last.text.text_id, timeout_s=60) == "accepted"
    eventually(lambda: len(_ends(street)) >= 2 * len(ends), 60)
    assert street.all_sent() - sent == {last.text.text_id: 1}
    assert street.ends(*everything) == before
    assert _accepted(street) - accepted == {last.text.text_id: 1}
    of_last = {e.delivery_event_id for e in street.events(last.text.text_id)}
    assert {*_ends(street)} - of_last == ends


def _accepted(street: Street) -> Counter[str]:
    """How often the journal says of each text that the carrier took it."""
    return Counter(r.text.text_id for r in street.read("sms-journal") if isinstance(r, Accepted))


def _ends(street: Street) -> list[str]:
    """The events that tell an end; reports of the carrier go on coming in while all is read again."""
    return [event.delivery_event_id for event in street.read("delivery-events") if event.state in ENDS]
