"""Many worlds, one set of promises. ``World(seed).promises.history`` tells what happened in one."""

import subprocess
import sys

import pytest

from tests.simulation.promise import BrokenPromise
from tests.simulation.world import World

CHUNK = 50
DIGEST = """
import sys
from tests.simulation.world import World
print(World(int(sys.argv[1])).run().broker.digest())
"""


def _turn(seeds: range, *, barrier: bool = True) -> None:
    for seed in seeds:
        world = World(seed, barrier=barrier)
        try:
            world.run()
        except Exception as error:
            last = "\n".join(world.promises.history[-40:])
            raise BrokenPromise(f"World({seed}): {error}\n{last}") from error


@pytest.mark.parametrize("first", range(0, 100, CHUNK))
def test_promises_hold(first: int) -> None:
    _turn(range(first, first + CHUNK))


@pytest.mark.long
@pytest.mark.parametrize("first", range(100, 1000, CHUNK))
def test_promises_hold_in_many_more(first: int) -> None:
    _turn(range(first, first + CHUNK))


def test_one_seed_is_one_history() -> None:
    digests = {World(7).run().broker.digest(), World(7).run().broker.digest()}
    assert len(digests) == 1


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


def test_without_the_barrier_stale_texts_go_after_an_outage() -> None:
    with pytest.raises(BrokenPromise, match="after an outage"):
        _turn(range(100), barrier=False)
