"""Many worlds, one set of promises. ``World(seed).promises.history`` tells what happened in one."""

import subprocess
import sys

import pytest

from tests.makers import ref
from tests.simulation.run import turn_many
from tests.simulation.world import PHONES, World

CHUNK = 50
DIGEST = """
import sys
from tests.simulation.world import World
print(World(int(sys.argv[1])).run().broker.digest())
"""


def _hold(seeds: range) -> None:
    broken = turn_many(seeds)
    if broken is not None:
        last = "\n".join(broken.history[-40:])
        pytest.fail(f"World({broken.seed}): {broken.what}\n{last}", pytrace=False)


@pytest.mark.parametrize("first", range(0, 50, CHUNK))
def test_promises_hold(first: int) -> None:
    _hold(range(first, first + CHUNK))


@pytest.mark.long
@pytest.mark.parametrize("first", range(50, 1000, CHUNK))
def test_promises_hold_in_many_more(first: int) -> None:
    _hold(range(first, first + CHUNK))


def test_one_seed_is_one_history() -> None:
    digests = {World(7).run().broker.digest(), World(7).run().broker.digest()}
    assert len(digests) == 1


@pytest.mark.long
@pytest.mark.parametrize("seed", [3, 11])
def test_a_history_does_not_hang_on_the_order_of_hashes(seed: int) -> None:
    digests = {
        subprocess.run(
            [sys.executable, "-c", DIGEST, str(seed)],
            env={"PYTHONHASHSEED": hash_seed, "PYTHONPATH": "."},
            capture_output=True,
            check=True,
            timeout=60,
        ).stdout.splitlines()[-1]
        for hash_seed in ("1", "2")
    }
    assert len(digests) == 1


def test_worlds_differ() -> None:
    assert World(1).run().broker.digest() != World(2).run().broker.digest()


@pytest.mark.long
def test_without_the_barrier_stale_texts_go_after_an_outage() -> None:
    broken = turn_many(range(100), barrier=False)
    assert broken is not None
    assert "after an outage" in broken.what


def test_a_history_names_phones_and_tells_what_was_published() -> None:
    told = "\n".join(World(3).run().promises.history)
    for wanted in ("outside", "booking b1@1 booked", "plan", "confirmation b1", "carrier", "phone1"):
        assert wanted in told
    assert "phone_ref" not in told
    assert ref(PHONES[0]) not in told
