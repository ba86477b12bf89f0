"""What can go wrong, each with a name; every fault mends what it broke, and leaves two senders running."""

import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

from devstack import Stack
from tests.sender.stale import restart_stale
from tests.sender.street import Street

BEYOND_SESSION_S = 6.0
REACHED_WITHIN_S = 20.0
NAMES = ("one", "two")
POINTS = tuple(f"C{n}" for n in range(10))
STORM = ("429", "500", "503", "close", "hang+unaccepted", "502")
FULL = {
    "kill": 20,
    "freeze": 5,
    "freeze between gate and byte": 5,
    "a third sender comes and goes": 4,
    "valkey flushed": 4,
    "valkey killed": 4,
    "valkey restarted stale": 4,
    "kafka killed": 4,
    "kafka frozen": 3,
    "carrier storm": 5,
    "callbacks lost": 4,
    "pause": 4,
} | {f"crash at {point}": 5 for point in POINTS}
"""How often each is dealt in a full round; a longer run begins another one."""


class Faults:
    """Breaks things on one street."""

    def __init__(self, street: Street, stack: Stack, chance: random.Random, pause: Callable[[float], None]):
        self._street, self._stack, self._chance, self._pause = street, stack, chance, pause
        self.killed = 0

    def run(self, name: str) -> bool:
        """Let it happen; True if it did (a crash point may not be reached in time)."""
        if name.startswith("crash"):
            return self._crash(name.rpartition(" ")[2])
        self.heal()
        done = self._one(name)
        self.heal()
        return done is not False

    def heal(self) -> None:
        """Both senders run again."""
        for name in NAMES:
            if not self._runs(name):
                self._street.start(name)

    def _runs(self, name: str) -> bool:
        process = self._street.senders.get(name)
        return process is not None and process.poll() is None

    def _one(self, name: str) -> object:
        doing: dict[str, Callable[[], object]] = {
            "kill": lambda: self._kill(self._any()),
            "freeze": lambda: self._freeze(self._any()),
            "freeze between gate and byte": self._freeze_at_the_worst_moment,
            "a third sender comes and goes": self._come_and_go,
            "valkey flushed": self._stack.flush_valkey,
            "valkey killed": self._kill_valkey,
            "valkey restarted stale": self._stale_valkey,
            "kafka killed": self._kill_kafka,
            "kafka frozen": self._freeze_kafka,
            "carrier storm": self._storm,
            "callbacks lost": self._lose_callbacks,
            "pause": lambda: self._pause(self._chance.uniform(2.5, 5)),
        }
        return doing[name]()

    def _any(self) -> str:
        return self._chance.choice(NAMES)

    def _kill(self, name: str) -> None:
        self.killed += 1
        self._street.kill(name)

    def _down(self) -> str:
        """A sender that does not run: the one that crashed last, or one that is killed now."""
        dead = [name for name in NAMES if not self._runs(name)]
        name = dead[0] if dead else self._any()
        if not dead:
            self._kill(name)
        return name

    def _crash(self, point: str) -> bool:
        """The one that crashed is not mended here: the next crash may begin with it."""
        times = self._chance.randint(4, 10) if point == "C9" else self._chance.randint(1, 3)
        name = self._down()
        process = self._street.start(name, REMINDERS_FAILPOINT=f"{point}:{times}")
        reached = _within(REACHED_WITHIN_S, lambda: process.poll() is not None)
        if not reached:
            self._street.kill(name)
        return reached

    def _freeze(self, name: str) -> None:
        process = self._street.senders[name]
        process.send_signal(signal.SIGSTOP)
        time.sleep(BEYOND_SESSION_S)
        process.send_signal(signal.SIGCONT)

    def _freeze_at_the_worst_moment(self) -> bool:
        point = self._chance.choice(["C2", "C3", "C4"])
        name = self._down()
        process = self._street.start(name, REMINDERS_FAILPOINT=f"{point}:1:stop")
        reached = _within(REACHED_WITHIN_S, lambda: _is_stopped(process.pid))
        if reached:
            time.sleep(BEYOND_SESSION_S)
            process.send_signal(signal.SIGCONT)
        else:
            self._street.kill(name)
        return reached

    def _come_and_go(self) -> None:
        self._street.start("three")
        time.sleep(self._chance.uniform(3, 6))
        self._street.stop("three")

    def _kill_valkey(self) -> None:
        self._stack.kill_valkey()
        time.sleep(self._chance.uniform(0, 2))
        self._stack.start_valkey()

    def _stale_valkey(self) -> None:
        restart_stale(self._stack, self._chance.uniform(1, 4))

    def _kill_kafka(self) -> None:
        self._stack.kill_broker(1)
        time.sleep(self._chance.uniform(0, 2))
        self._stack.start_broker(1)

    def _freeze_kafka(self) -> None:
        self._stack.pause_broker(1)
        time.sleep(self._chance.uniform(1, 4))
        self._stack.resume_broker(1)

    def _storm(self) -> None:
        self._street.carrier.behave("*", self._chance.choice(STORM), self._chance.randint(3, 10))
        time.sleep(3)

    def _lose_callbacks(self) -> None:
        self._street.callbacks.lost = True
        time.sleep(self._chance.uniform(2, 5))
        self._street.callbacks.lost = False


def _within(timeout_s: float, look: Callable[[], bool]) -> bool:
    end = time.monotonic() + timeout_s
    while not (seen := look()) and time.monotonic() < end:
        time.sleep(0.05)
    return seen


def _is_stopped(pid: int) -> bool:
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] == "T"
    except FileNotFoundError:
        return False


def deck(chance: random.Random, share: float) -> list[str]:
    """Faults in random order; ``share`` of the full counts, each at least once."""
    cards = [name for name, count in FULL.items() for _ in range(max(1, round(count * share)))]
    chance.shuffle(cards)
    return cards
