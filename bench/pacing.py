"""Texts due at once under 5/s, one sender: ``python -m bench.pacing [texts]`` (two minutes for 500).

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
from tests.sender.street import Street
from tests.sender.texts import delivery, new_phone
from tests.simulator.carrier import running

RATE_PER_S = 5.0
SLACK_S = 0.1
"""Jitter between the gate's yes and the carrier's book that breaks no rate."""
MIN_VALID_S = 30.0


def pacing(street: Street, count: int) -> Figures:
    """Send so many texts that are due at once, with deadlines up to a minute after the last can go."""
    chance, last_s = random.Random(1), count / RATE_PER_S
    texts = [delivery(new_phone(), valid_s=chance.uniform(MIN_VALID_S, last_s + 60)) for _ in range(count)]
    street.publish(*texts)
    street.start(ACCOUNT_RATE_PER_S=str(RATE_PER_S), NUMBER_RATE_PER_S=str(RATE_PER_S))
    street.ends(*(text.text.text_id for text in texts), timeout_s=last_s + 120)
    return figures(street, texts, RATE_PER_S, SLACK_S)


def main(count: int) -> int:
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
        found = pacing(street, count)
    sys.stdout.write(f"{count} texts due at once, {RATE_PER_S:.0f}/s, one sender:\n{found}\n")
    return int(found.too_early > 0 or found.stale > 0)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 500))
