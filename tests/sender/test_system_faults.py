"""Wrong protocols that are easily written are found: each planted fault breaks a promise."""

import random
import signal

import pytest

from devstack import Stack
from tests.model.conformance import refusals
from tests.sender.races import late, run_races
from tests.sender.street import Street, eventually
from tests.sender.texts import delivery, new_phone

pytestmark = [pytest.mark.servers, pytest.mark.alone, pytest.mark.timeout(300)]


def wake_into_anothers_work(street: Street, stack: Stack, fault: str, *, flushed: bool) -> int:
    """A sender frozen between claim and gate wakes after another one has sent its text; how often it went."""
    text = delivery(new_phone(), valid_s=120)
    frozen = street.start("frozen", REMINDERS_FAILPOINT="C2:1:stop", REMINDERS_FAULT=fault)
    street.publish(text)
    eventually(lambda: street.journal(text.text.text_id), otherwise=street.logs)
    street.start("other", REMINDERS_FAULT=fault)
    assert street.end(text.text.text_id, timeout_s=60) == "accepted"
    if flushed:
        before = street.log("other").count('"rebuilt"')
        stack.flush_valkey()
        eventually(lambda: street.log("other").count('"rebuilt"') >= before + street.config.partitions)
    frozen.send_signal(signal.SIGCONT)
    later = delivery(new_phone())
    street.publish(later)
    assert street.end(later.text.text_id, timeout_s=60) == "accepted"
    street.stop_all()
    times = street.sent(text.text.text_id)
    if fault:  # while both hold the partition, the loser of any claim goes on, and notes what came of it
        street.spoilt |= {text.text.text_id, later.text.text_id}
    if times > 1:
        assert refusals(street.journal(text.text.text_id))  # the model's transitions notice it too
    return times


@pytest.mark.parametrize(("fault", "times"), [("", 1), ("lease", 2)])
def test_a_claim_that_others_may_take_over(
    street: Street, servers_of_its_own: Stack, fault: str, times: int
) -> None:
    assert wake_into_anothers_work(street, servers_of_its_own, fault, flushed=False) == times


@pytest.mark.parametrize(("fault", "times"), [("", 1), ("giveback", 2)])
def test_a_rebuild_that_gives_claims_back(
    street: Street, servers_of_its_own: Stack, fault: str, times: int
) -> None:
    assert wake_into_anothers_work(street, servers_of_its_own, fault, flushed=True) == times


def test_a_stop_without_drain(street: Street) -> None:
    street.start(REMINDERS_FAULT="no-drain")
    stopped = run_races(street, random.Random(5), races=200)
    assert late(street, stopped)
