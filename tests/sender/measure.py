"""Figures of the sender on this machine: ``python -m tests.sender.measure [texts]`` (two minutes for 500).

Texts all due at once under 5/s, one sender; then decisions of the gate, one a round trip and fifty.
"""

import asyncio
import random
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from devstack import Stack
from runtime import gate_keys as keys
from runtime.config import Config
from sender.claims import Claims
from sender.gate import Gate
from sender.gate_redis import connect, epoch_of
from tests.sender.bench import Bench
from tests.sender.callbacks import Callbacks
from tests.sender.conftest import CARRIER
from tests.sender.pacing_figures import figures
from tests.sender.street import Street
from tests.sender.texts import delivery, new_phone
from tests.simulator.carrier import running

RATE_PER_S = 5.0


def pacing(street: Street, count: int) -> str:
    """Send ``count`` texts that are due at once."""
    chance = random.Random(1)
    last_s = count / RATE_PER_S
    texts = [delivery(new_phone(), valid_s=chance.uniform(30, last_s + 60)) for _ in range(count)]
    street.publish(*texts)
    street.start(ACCOUNT_RATE_PER_S="5", NUMBER_RATE_PER_S="5")
    street.ends(*(text.text.text_id for text in texts), timeout_s=last_s + 120)
    return str(figures(street, texts, RATE_PER_S, slack_s=0.05))


async def decisions(redis_url: str, at_once: int, seconds: float = 3.0) -> float:
    """Verdicts a second, so many asked for in one round trip."""
    config = Config(redis_url=redis_url, partitions=1, account_rate_per_s=1e9, number_rate_per_s=1e9)
    redis = connect(config)
    await redis.flushall()
    epoch = await epoch_of(redis)
    await redis.sadd(keys.rebuilt_key(epoch), "0")
    bench = Bench(
        config, redis, Gate(config, redis, sender="me", earliest=lambda: None), Claims(redis), epoch
    )
    questions = [bench.question(delivery(new_phone())) for _ in range(2000)]
    done, begun = 0, time.perf_counter()
    while time.perf_counter() - begun < seconds:
        some = [questions[(done + n) % len(questions)] for n in range(at_once)]
        await asyncio.gather(*(bench.gate.judge(question) for question in some))
        done += at_once
    took_s = time.perf_counter() - begun
    await redis.aclose()
    return done / took_s


def main(count: int) -> None:
    """Print the figures."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        servers = Stack(folder / "servers", environ={})
        stack.callback(servers.stop, wipe=True)
        addresses = servers.start()
        callbacks = Callbacks()
        stack.callback(callbacks.close)
        carrier = stack.enter_context(running(replace(CARRIER, ledger=str(folder / "ledger.jsonl"))))
        street = Street(folder, addresses, carrier, callbacks)
        stack.callback(street.stop_all)
        say = sys.stdout.write
        say(f"pacing at {RATE_PER_S:.0f}/s: {pacing(street, count)}\n")
        street.stop_all()
        for at_once in (1, 50):
            rate = asyncio.run(decisions(addresses.redis, at_once))
            say(f"gate, {at_once:2} at once: {rate:,.0f} decisions/s\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
