"""A sender that dies, freezes or loses its servers sends nothing twice, and every text ends."""

import random
import signal
import time

import pytest

from devstack import Stack
from schemas.deliveries import Delivery
from tests.sender.stale import restart_stale
from tests.sender.street import Street, eventually
from tests.sender.texts import delivery, new_phone, reminder

pytestmark = [pytest.mark.servers, pytest.mark.timeout(300)]

AT_WORST_UNRESOLVED = ("C3", "C4")
"""Between the gate and the first byte nobody can know later whether something was written."""


@pytest.mark.parametrize("point", [f"C{n}" for n in range(10)])
def test_a_crash_at_each_point(street: Street, point: str) -> None:
    texts = [delivery(new_phone()), delivery(new_phone()), reminder(new_phone())]
    failpoint = f"{point}:30" if point == "C9" else f"{point}:2"
    process = street.start(REMINDERS_FAILPOINT=failpoint, NUMBER_RATE_PER_S="2")  # one is under way at a time
    street.publish(*texts)
    assert process.wait(timeout=40) == 137
    street.senders.clear()
    street.start()
    ends = street.ends(*(text.text.text_id for text in texts), timeout_s=60)
    check(street, texts, ends)
    if point not in AT_WORST_UNRESOLVED:
        assert set(ends.values()) == {"accepted"}
    assert ends[texts[2].text.text_id] == "accepted"  # a reminder has a second try


def check(street: Street, texts: list[Delivery], ends: dict[str, str]) -> None:
    """Accepted once where the journal says so, and nowhere else."""
    sent = street.all_sent()
    assert {name: sent[name] for name in ends} == {name: int(ends[name] == "accepted") for name in ends}
    assert set(ends.values()) <= {"accepted", "unresolved"}
    assert len(ends) == len(texts)


def test_kills_at_random_under_load(street: Street) -> None:
    chance = random.Random(7)
    texts = [delivery(new_phone(), valid_s=120) for _ in range(150)]
    street.start("one", ACCOUNT_RATE_PER_S="15")
    street.start("two", ACCOUNT_RATE_PER_S="15")
    for first in range(0, len(texts), 15):
        street.publish(*texts[first : first + 15])
        time.sleep(chance.uniform(0.3, 1.5))
        if first % 45 == 30:
            name = chance.choice(["one", "two"])
            street.kill(name)
            street.start(name, ACCOUNT_RATE_PER_S="15")
    ends = street.ends(*(text.text.text_id for text in texts), timeout_s=120)
    check(street, texts, ends)


def test_a_frozen_sender_wakes_into_anothers_work(street: Street) -> None:
    """Frozen beyond its session, with claims in hand, it must not send what the other has settled."""
    texts = [delivery(new_phone(), valid_s=120) for _ in range(40)]
    frozen = street.start("frozen", ACCOUNT_RATE_PER_S="10")
    street.publish(*texts[:20])
    eventually(lambda: sum(street.all_sent()[t.text.text_id] for t in texts) >= 5, otherwise=street.logs)
    frozen.send_signal(signal.SIGSTOP)
    street.start("other", ACCOUNT_RATE_PER_S="10")
    street.publish(*texts[20:])
    eventually(lambda: sum(street.all_sent()[t.text.text_id] for t in texts) >= 30, 60, otherwise=street.logs)
    frozen.send_signal(signal.SIGCONT)
    ends = street.ends(*(text.text.text_id for text in texts), timeout_s=90)
    check(street, texts, ends)


@pytest.mark.parametrize("loss", ["flushed", "killed", "restarted", "stale"])
def test_redis_forgets_under_load(street: Street, servers_of_its_own: Stack, loss: str) -> None:
    texts = [delivery(new_phone(), valid_s=120) for _ in range(60)]
    street.start("one", ACCOUNT_RATE_PER_S="10")
    street.start("two", ACCOUNT_RATE_PER_S="10")
    street.publish(*texts)
    for _ in range(2):
        time.sleep(2)
        if loss == "flushed":
            servers_of_its_own.flush_valkey()
        elif loss == "stale":
            restart_stale(servers_of_its_own, 1.5)
        else:
            end = servers_of_its_own.kill_valkey if loss == "killed" else servers_of_its_own.stop_valkey
            end()
            servers_of_its_own.start_valkey()
    ends = street.ends(*(text.text.text_id for text in texts), timeout_s=90)
    check(street, texts, ends)
    assert list(ends.values()).count("accepted") >= 50


def test_kafka_restarts_under_load(street: Street, servers_of_its_own: Stack) -> None:
    texts = [delivery(new_phone(), valid_s=180) for _ in range(60)]
    street.start(ACCOUNT_RATE_PER_S="10")
    street.publish(*texts)
    time.sleep(2)
    servers_of_its_own.kill_broker(1)
    time.sleep(1)
    servers_of_its_own.start_broker(1)
    ends = street.ends(*(text.text.text_id for text in texts), timeout_s=120)
    check(street, texts, ends)


def test_a_clean_stop_leaves_nothing_open(street: Street) -> None:
    texts = [delivery(new_phone(), valid_s=120) for _ in range(30)]
    street.start(ACCOUNT_RATE_PER_S="10")
    street.publish(*texts)
    eventually(lambda: sum(street.all_sent()[t.text.text_id] for t in texts) >= 5, otherwise=street.logs)
    assert street.stop() == 0
    street.start(ACCOUNT_RATE_PER_S="10")
    ends = street.ends(*(text.text.text_id for text in texts), timeout_s=60)
    check(street, texts, ends)
    assert set(ends.values()) == {"accepted"}
