"""Worlds one after the other, until one breaks a promise: for tests, ``reminders simulate`` and benches."""

from collections.abc import Iterable
from dataclasses import dataclass

from structlog.testing import capture_logs

from tests.simulation.world import World


@dataclass(frozen=True)
class Broken:
    """A world that broke a promise: which, and what had happened, a line each."""

    seed: int
    what: str
    history: tuple[str, ...]


def turn(seed: int, *, barrier: bool = True) -> Broken | None:
    """Turn one world until it rests; None if all promises held. What it logs is no news."""
    with capture_logs():
        world = World(seed, barrier=barrier)
        try:
            world.run()
        except Exception as error:  # noqa: BLE001  whatever goes wrong in a world is what we look for
            return Broken(seed, f"{type(error).__name__}: {error}", tuple(world.promises.history))
    return None


def turn_many(seeds: Iterable[int], *, barrier: bool = True) -> Broken | None:
    """The first world of these that broke a promise."""
    return next((broken for seed in seeds if (broken := turn(seed, barrier=barrier))), None)
