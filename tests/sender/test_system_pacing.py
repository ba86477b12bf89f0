"""Many texts due at once: the rate is used and kept, the tightest deadlines go first, the hopeless expire."""

import json
import random

import pytest

from tests.sender.pacing_figures import figures
from tests.sender.street import Street, eventually
from tests.sender.texts import delivery, new_phone, withdrawal

pytestmark = [pytest.mark.servers, pytest.mark.alone, pytest.mark.timeout(300)]

JITTER_S = 0.25
"""Between the gate's yes and the carrier's book, on a busy machine."""


@pytest.mark.parametrize("senders", [1, 2])
def test_the_rate_is_used_and_kept_in_the_order_of_deadlines(street: Street, senders: int) -> None:
    rate, count, chance = 20.0, 160, random.Random(1)
    texts = [delivery(new_phone(), valid_s=chance.uniform(25, 90)) for _ in range(count)]
    street.publish(*texts)
    for n in range(senders):
        street.start(f"sender-{n}", NUMBER_RATE_PER_S=str(rate))
    ends = street.ends(*(text.text.text_id for text in texts), timeout_s=90)
    assert set(ends.values()) == {"accepted"}
    found = figures(street, texts, rate, JITTER_S)
    print(found)  # noqa: T201  # the figures of this run
    assert (found.sent, found.too_early, found.stale) == (count, 0, 0)
    assert found.use <= 1.02
    assert found.left_s > 0


def test_what_cannot_go_in_time_expires_and_the_rest_is_sent(street: Street) -> None:
    """Twice as many as the rate allows before their deadline: the sender stays busy, nothing is stale."""
    texts = [delivery(new_phone(), valid_s=12) for _ in range(120)]
    street.start(NUMBER_RATE_PER_S="8")
    street.publish(*texts)
    ends = street.ends(*(text.text.text_id for text in texts), timeout_s=60)
    assert set(ends.values()) == {"accepted", "expired"}
    found = figures(street, texts, 8, JITTER_S)
    assert found.stale == 0
    assert found.sent == list(ends.values()).count("accepted")


def test_withdrawals_overtake_the_queue(street: Street) -> None:
    texts = [delivery(new_phone(), valid_s=120) for _ in range(100)]
    street.start(NUMBER_RATE_PER_S="5")
    street.publish(*texts)
    eventually(lambda: any(street.sent(text.text.text_id) for text in texts), otherwise=street.logs)
    street.publish(*(withdrawal(text.text) for text in texts[20:]))
    ends = street.ends(*(text.text.text_id for text in texts), timeout_s=60)
    late = [ends[text.text.text_id] for text in texts[20:]]
    assert late.count("suppressed cancelled") >= 70
    sent = street.all_sent()
    assert all(sent[name] == (end == "accepted") for name, end in ends.items())


def test_what_is_too_much_is_not_read_until_there_is_room(street: Street) -> None:
    texts = [delivery(new_phone(), valid_s=120) for _ in range(240)]
    street.start("narrow", NUMBER_RATE_PER_S="40", BACKLOG_MAX="40")
    ready = delivery(new_phone())
    street.publish(ready)
    assert street.end(ready.text.text_id) == "accepted"
    for first in range(0, len(texts), 40):
        street.publish(*texts[first : first + 40])
    ends = street.ends(*(text.text.text_id for text in texts), timeout_s=60)
    assert set(ends.values()) == {"accepted"}
    held = [json.loads(line) for line in street.log("narrow").splitlines() if "deliveries_held_back" in line]
    assert held
    assert max(line["count"] for line in held) < len(texts)
    assert street.log("narrow").count("deliveries_read_again") == len(held)
