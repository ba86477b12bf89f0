"""Paused while hundreds are due: after two seconds nothing but replies leaves; resumed, all of it goes."""

import os
from datetime import timedelta

import pytest
from redis import Redis

from runtime import gate_keys as keys
from schemas.settings import SettingCopy
from simulator.ledger import Accepted
from tests.sender.street import Street, eventually, now
from tests.sender.texts import delivery, new_phone, reply

pytestmark = [pytest.mark.servers, pytest.mark.timeout(300)]

COUNT = int(os.environ.get("PAUSED_TEXTS", "500"))


def say(street: Street, on: bool, revision: int) -> None:
    """As staff does: to Kafka and to Redis."""
    at = now()
    copies = [
        SettingCopy(
            partition=n,
            workspace_id="all",
            study_id=None,
            name="paused",
            value=on,
            revision=revision,
            actor="operator",
            reason="test",
            at=at,
        )
        for n in range(street.config.partitions)
    ]
    street.publish(*copies)
    with Redis.from_url(street.env["REDIS_URL"], decode_responses=True) as redis:
        redis.eval(keys.PAUSE, 1, keys.PAUSED, "all", keys.ms(at), int(on))


def test_a_pause_during_many_due_texts(street: Street) -> None:
    texts = [delivery(new_phone(), valid_s=200) for _ in range(COUNT)]
    names = {text.text.text_id for text in texts}
    street.start(ACCOUNT_RATE_PER_S="50", NUMBER_RATE_PER_S="50")
    street.publish(*texts)
    eventually(lambda: len(names & street.all_sent().keys()) >= 50, 60, otherwise=street.logs)
    say(street, True, 1)
    paused_at = now()
    answers = [reply(new_phone(), f"inbound-paused-{n}") for n in range(3)]
    eventually(lambda: now() - paused_at > timedelta(seconds=3))
    street.publish(*answers)
    ends = street.ends(*(answer.text.text_id for answer in answers))
    assert set(ends.values()) == {"accepted"}
    eventually(lambda: now() - paused_at > timedelta(seconds=6))
    resumed_at = now()
    say(street, False, 2)
    ends = street.ends(*names, timeout_s=120)
    assert set(ends.values()) == {"accepted"}
    sent = {
        (entry.url or "").rpartition("/")[2].partition(".")[0]: entry.at
        for entry in street.carrier.ledger(Accepted)
    }
    while_paused = [n for n in names if paused_at + timedelta(seconds=2) < sent[n] < resumed_at]
    assert while_paused == []
    assert len([n for n in names if sent[n] >= resumed_at]) > COUNT / 5
