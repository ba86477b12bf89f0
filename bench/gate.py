"""Decisions of the gate a second, asked one a round trip and fifty, of a real server on this machine."""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from devstack import Stack
from runtime import gate_keys as keys
from runtime.config import Config
from sender.claims import Claims
from sender.gate import Gate
from sender.gate_redis import connect, epoch_of
from tests.sender.bench import Bench
from tests.sender.texts import delivery, new_phone

ROUND_S = 2.0
ROUNDS = 5
AT_ONCE = (1, 50)


async def decisions(redis_url: str, at_once: int) -> float:
    """Verdicts a second, so many asked for in one round trip."""
    config = Config(redis_url=redis_url, partitions=1, account_rate_per_s=1e9, number_rate_per_s=1e9)
    redis = connect(config)
    await redis.flushall()
    epoch = await epoch_of(redis)
    await redis.sadd(keys.rebuilt_key(epoch), "0")
    gate = Gate(config, redis, sender="me", earliest=lambda: None)
    bench = Bench(config, redis, gate, Claims(redis), epoch)
    questions = [bench.question(delivery(new_phone())) for _ in range(2000)]
    done, begun = 0, time.perf_counter()
    while time.perf_counter() - begun < ROUND_S:
        some = [questions[(done + n) % len(questions)] for n in range(at_once)]
        await asyncio.gather(*(gate.judge(question) for question in some))
        done += at_once
    took_s = time.perf_counter() - begun
    await redis.aclose()
    return done / took_s


def main() -> None:
    """Interleaved rounds; the median and the range of each."""
    with tempfile.TemporaryDirectory() as folder:
        servers = Stack(Path(folder), environ={})
        try:
            redis_url = servers.start().redis
            rounds = [[asyncio.run(decisions(redis_url, n)) for n in AT_ONCE] for _ in range(ROUNDS)]
        finally:
            servers.stop(wipe=True)
    medians = []
    for at_once, rates in zip(AT_ONCE, zip(*rounds, strict=True), strict=True):
        least, *_, most = found = sorted(rates)
        medians.append(found[len(found) // 2])
        sys.stdout.write(
            f"gate, {at_once:2} a round trip: {medians[-1]:,.0f} decisions/s ({least:,.0f} to {most:,.0f})\n"
        )
    sys.stdout.write(f"together they are {medians[1] / medians[0]:.1f} times as fast\n")


if __name__ == "__main__":
    main()
