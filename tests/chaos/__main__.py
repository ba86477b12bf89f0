"""Everything at once: ``python -m tests.chaos --duration-s 600 --seed 1`` (``make chaos``).

Two senders under mixed traffic, one fault after another, then peace; the carrier's ledger judges. Exits 1 if
a promise was broken.
"""

import argparse
import logging
import random
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from devstack import Stack
from tests.chaos.faults import Faults, deck
from tests.chaos.judge import ends_of, look, second_tries, unfinished, violations
from tests.chaos.pauses import Pauses
from tests.chaos.traffic import Traffic
from tests.sender.callbacks import Callbacks
from tests.sender.conftest import CARRIER
from tests.sender.races import histogram, late, run_races
from tests.sender.street import Street
from tests.sender.texts import delivery, new_phone
from tests.simulator.carrier import running

RACES = 300
FURTHER = 20
"""Texts after a replay, in every partition: once they have ended, the replay is behind."""
FULL_ROUND_S = 600.0
"""A shorter run deals a part of the round."""
PATIENCE = 2
"""So many times its length a run may take to end its round."""
LOST_RETRY_S = 2.0
PEACE_S = 200.0
"""Every text has ended by then: its time is over, and what was unclear is settled."""


def say(line: str) -> None:
    """A line with its time."""
    sys.stdout.write(f"{time.strftime('%H:%M:%S')} {line}\n")
    sys.stdout.flush()


def chaos(street: Street, stack: Stack, seed: int, duration_s: float) -> int:
    """Run, judge, print; how many promises were broken."""
    chance, pauses, traffic = random.Random(seed), Pauses(street), Traffic(street, f"traffic {seed}")
    faults = Faults(street, stack, chance, pauses.pause)
    faults.heal()
    broken = races(street, seed)
    traffic.start()
    dealt = _break(faults, chance, duration_s)
    traffic.stop()
    faults.heal()
    say(f"peace: waiting for the ends of {len(traffic.texts)} texts")
    _wait(street, traffic)
    street.stop_all()
    seen = look(street, traffic, pauses.spans)
    broken += [*violations(seen), *replayed(street)]
    _print("faults injected", dealt.injected)
    _print("not reached in time, and dealt again", dealt.missed)
    _print("NOT REACHED of the deal", dealt.owed)
    say(f"{faults.killed - dealt.injected['kill']} more kill -9, each to start a sender with a crash point")
    _print("texts by their end", Counter(end.state for end in seen.ends.values()))
    say(f"{second_tries(seen)} reminders went again, lost by the network")
    drained = sum(stop.empty for stop in traffic.stops.values())
    say(f"{len(traffic.stops)} STOPs, {drained} of them until nothing was under way")
    for line in broken:
        say(f"VIOLATION {line}")
    faults_in_all = sum(dealt.injected.values())
    say(f"{len(broken)} violations, {faults_in_all} faults, {len(traffic.texts)} texts, seed {seed}")
    return len(broken)


def races(street: Street, seed: int) -> list[str]:
    """STOPs around the moment of a send, and how long each took; what was accepted after one."""
    stopped = run_races(street, random.Random(seed), RACES)
    say(histogram(stopped))
    return [f"accepted after STOP: {name}" for name in late(street, stopped)]


def replayed(street: Street) -> list[str]:
    """All topics once more from their start; what went again."""
    before = street.all_sent()
    street.forget_offsets()
    street.start()
    further = {text.text.text_id: text for text in [delivery(new_phone()) for _ in range(FURTHER)]}
    street.publish(*further.values())
    street.ends(*further, timeout_s=PEACE_S)
    street.stop_all()
    again = street.all_sent() - before
    say(f"replayed from the start over {len(before)} sent texts")
    return [f"sent again by a replay: {name}" for name in again if name not in further]


@dataclass
class Dealt:
    """What went wrong, what was not reached and dealt again, and what of the deal never was."""

    injected: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    owed: Counter[str] = field(default_factory=Counter)


def _break(faults: Faults, chance: random.Random, duration_s: float) -> Dealt:
    """Deal faults until the time is over and the first round is through; then from another one.

    A card that was not reached goes back under the deck. A round that takes too long ends unfinished.
    """
    begun, dealt = time.monotonic(), Dealt()
    cards = deck(chance, min(duration_s / FULL_ROUND_S, 1.0))
    owed = Counter(cards)
    while time.monotonic() < begun + duration_s * (PATIENCE if +owed else 1):
        cards = cards or deck(chance, 1.0)
        name = cards.pop()
        say(name)
        if faults.run(name):
            dealt.injected[name] += 1
            owed[name] -= 1
        else:
            dealt.missed[name] += 1
            cards.insert(0, name)
        time.sleep(chance.uniform(0.1, 0.4))
    dealt.owed = +owed
    return dealt


def _wait(street: Street, traffic: Traffic) -> None:
    end = time.monotonic() + PEACE_S
    while unfinished(traffic.texts, ends_of(street.read("delivery-events"))) and time.monotonic() < end:
        time.sleep(2)
    time.sleep(5 * LOST_RETRY_S)  # what was lost goes again, or never


def _print(title: str, counts: Counter[str]) -> None:
    if counts:
        say(f"{title}:")
        for name, count in sorted(counts.items()):
            say(f"  {count:5} {name}")


def main() -> int:
    """The exit code: 0 if every promise held."""
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--duration-s", type=float, default=600)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--plant", default="", help="a wrong protocol (lease, giveback, no-drain): is it found?"
    )
    parser.add_argument("--strict", action="store_true", help="under REMINDER_POLICY=strict")
    wanted = parser.parse_args()
    logging.disable(logging.CRITICAL)  # clients in this process say at length what the faults do to them
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory()))
        stack = Stack(folder / "servers", environ={})
        held.callback(stack.stop, wipe=True)
        servers = stack.start()
        callbacks = Callbacks()
        held.callback(callbacks.close)
        carrier = held.enter_context(running(replace(CARRIER, ledger=str(folder / "ledger.jsonl"))))
        (folder / "street").mkdir()
        street = Street(folder / "street", servers, carrier, callbacks)
        held.callback(street.stop_all)
        street.env |= {"REMINDERS_FAULT": wanted.plant, "LOST_RETRY_S": str(LOST_RETRY_S)}
        street.env["REMINDER_POLICY"] = "strict" if wanted.strict else "verified"
        return int(chaos(street, stack, wanted.seed, wanted.duration_s) > 0)


if __name__ == "__main__":
    sys.exit(main())
