"""Texts due at once under 5/s: ``python -m bench.pacing [texts [senders]]`` (500 of one sender: two minutes).

The carrier's ledger is held against the best there is: earliest deadline first at exactly the rate.
"""

import logging
import random
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from devstack import Stack
from tests.sender.callbacks import Callbacks
from tests.sender.conftest import CARRIER
from tests.sender.pacing_figures import Figures, figures
from tests.sender.street import Street, eventually
from tests.sender.texts import delivery, new_phone
from tests.simulator.carrier import running

RATE_PER_S = 5.0
SLACK_S = 0.1
"""Jitter between the gate's yes and the carrier's book that breaks no rate."""
MIN_VALID_S = 30.0


def pacing(street: Street, count: int, senders: int = 1) -> Figures:
    """Send so many texts that are due at once, with deadlines up to a minute after the last can go."""
    chance, last_s = random.Random(1), count / RATE_PER_S
    texts = [delivery(new_phone(), valid_s=chance.uniform(MIN_VALID_S, last_s + 60)) for _ in range(count)]
    if senders == 1:
        street.publish(*texts)
    for n in range(senders):
        street.start(f"sender {n}", ACCOUNT_RATE_PER_S=str(RATE_PER_S), NUMBER_RATE_PER_S=str(RATE_PER_S))
    if senders > 1:
        _share_out(street, senders)
        street.publish(*texts)
    street.ends(*(text.text.text_id for text in texts), timeout_s=last_s + 120)
    return figures(street, texts, RATE_PER_S, SLACK_S)


def _share_out(street: Street, senders: int) -> None:
    """Return once each sender has partitions, and they are warm."""
    eventually(lambda: all('"assigned"' in street.log(f"sender {n}") for n in range(senders)), 60)
    warm = delivery(new_phone())
    street.publish(warm)
    street.end(warm.text.text_id)


def main(count: int, senders: int = 1) -> int:
    """Print the figures; 1 if the rate was broken or a text was stale."""
    logging.disable(logging.CRITICAL)  # Kafka's client warns of topics that are still being made
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory()))
        servers = Stack(folder / "servers", environ={})
        held.callback(servers.stop, wipe=True)
        addresses = servers.start()
        callbacks = Callbacks()
        held.callback(callbacks.close)
        carrier = held.enter_context(running(replace(CARRIER, ledger=str(folder / "ledger.jsonl"))))
        street = Street(folder, addresses, carrier, callbacks)
        held.callback(street.stop_all)
        found = pacing(street, count, senders)
    sys.stdout.write(f"{count} texts due at once, {RATE_PER_S:.0f}/s, {senders} sender(s):\n{found}\n")
    return int(found.too_early > 0 or found.stale > 0)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:] or ["500"])))
