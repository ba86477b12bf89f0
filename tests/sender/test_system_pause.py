"""Paused while hundreds are due: after two seconds nothing but replies leaves; resumed, all of it goes."""

import os
from datetime import timedelta

import pytest

from simulator.ledger import Accepted
from tests.sender.pauses import say
from tests.sender.street import Street, eventually, now
from tests.sender.texts import delivery, new_phone, reply

pytestmark = [pytest.mark.servers, pytest.mark.timeout(300)]

COUNT = int(os.environ.get("PAUSED_TEXTS", "500"))


def test_while_paused_only_replies_go(street: Street) -> None:
    street.start()
    first = delivery(new_phone())
    street.publish(first)
    assert street.end(first.text.text_id) == "accepted"
    say(street, True, 1)
    waits, brief = delivery(new_phone()), delivery(new_phone(), valid_s=2)
    answer = reply(new_phone(), f"inbound-{new_phone()[1:]}")
    street.publish(waits, brief, answer)
    ends = street.ends(answer.text.text_id, brief.text.text_id)
    assert ends == {answer.text.text_id: "accepted", brief.text.text_id: "expired"}
    assert street.sent(waits.text.text_id) == 0
    say(street, False, 2)
    assert street.end(waits.text.text_id) == "accepted"


def test_a_pause_during_many_due_texts(street: Street) -> None:
    texts = [delivery(new_phone(), valid_s=200) for _ in range(COUNT)]
    names = {text.text.text_id for text in texts}
    street.start(ACCOUNT_RATE_PER_S="50", NUMBER_RATE_PER_S="50")
    street.publish(*texts)
    eventually(lambda: len(names & street.all_sent().keys()) >= 50, 60, otherwise=street.logs)
    say(street, True, 3)
    paused_at = now()
    answers = [reply(new_phone(), f"inbound-paused-{n}") for n in range(3)]
    eventually(lambda: now() - paused_at > timedelta(seconds=3))
    street.publish(*answers)
    ends = street.ends(*(answer.text.text_id for answer in answers))
    assert set(ends.values()) == {"accepted"}
    eventually(lambda: now() - paused_at > timedelta(seconds=6))
    resumed_at = now()
    say(street, False, 4)
    ends = street.ends(*names, timeout_s=120)
    assert set(ends.values()) == {"accepted"}
    sent = {
        (entry.url or "").rpartition("/")[2].partition(".")[0]: entry.at
        for entry in street.carrier.ledger(Accepted)
    }
    while_paused = [n for n in names if paused_at + timedelta(seconds=2) < sent[n] < resumed_at]
    assert while_paused == []
    assert len([n for n in names if sent[n] >= resumed_at]) > COUNT / 5
