"""STOP webhooks at 50 a second beside 5 sends a second: ``python -m bench.webhook [seconds]``.

Open loop: each post has its moment, and its time counts from then, also if an earlier one was slow. The load
is one process on the same cores as Kafka, Valkey, the simulated carrier and the four processes: the CPU of
each while it lasts is printed, in cores. It begins when every booking is planned, so that
nothing but sends goes on.
"""

import asyncio
import os
import sys
import tempfile
import time
import uuid
from base64 import b64encode
from contextlib import ExitStack
from hmac import digest
from pathlib import Path
from statistics import quantiles
from typing import Any
from urllib.parse import urlencode

import aiohttp

from bench import machine, results
from schemas.deliveries import Delivery
from schemas.topics import SMS_DELIVERIES
from simulator import ledger
from tests.system.deployment import Deployment, booking, consent, phone, setting

STOPS_PER_S = 50
SENDS_PER_S = 5
GOAL_MS = 100
PATIENCE_S = 120
HEAD_START_S = 20
"""So long planning all of it may take before the sends would not last."""


def signed(url: str, token: str, sender: str) -> tuple[bytes, dict[str, str]]:
    """Body and headers of a STOP from a number (digits), signed V3."""
    fields = {
        "MessageUUID": str(uuid.uuid4()),
        "From": sender,
        "To": "13306619491",
        "Type": "sms",
        "Text": "STOP",
        "MessageIntent": "optout",
    }
    nonce, pairs = uuid.uuid4().hex, "".join(key + value for key, value in sorted(fields.items()))
    signature = b64encode(digest(token.encode(), f"{url}?{pairs}.{nonce}".encode(), "sha256")).decode()
    return urlencode(fields).encode(), {
        "X-Plivo-Signature-V3": signature,
        "X-Plivo-Signature-V3-Nonce": nonce,
        "Content-Type": "application/x-www-form-urlencoded",
    }


async def busy(deployment: Deployment, seconds: int) -> None:
    """Book so many people that sending them their confirmations takes longer than the measurement."""
    await deployment.publish(("settings-changes", setting("sms_enabled", True)))
    people = range(SENDS_PER_S * (seconds + HEAD_START_S))
    await deployment.publish(*(("consent-changes", consent(f"b{n}", phone(n))) for n in people))
    await deployment.publish(
        *(("booking-events", booking(f"b{n}", phone(n), starts_in_s=7200)) for n in people)
    )
    await deployment.read(
        SMS_DELIVERIES.name, until=lambda seen: sum(isinstance(m, Delivery) for m in seen) == len(people)
    )


async def stops(url: str, token: str, seconds: int) -> tuple[list[float], int]:
    """Milliseconds of each answer, and how many were not 200."""
    posts = [signed(url, token, f"1614{2_000_000 + number:07}") for number in range(STOPS_PER_S * seconds)]
    pool = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=pool, timeout=aiohttp.ClientTimeout(PATIENCE_S)) as web:

        async def one(number: int) -> tuple[float, int]:
            due = begun + number / STOPS_PER_S
            await asyncio.sleep(max(due - time.perf_counter(), 0))
            body, headers = posts[number]
            async with web.post(url, data=body, headers=headers) as answer:
                await answer.read()
            return (time.perf_counter() - due) * 1000, answer.status

        begun = time.perf_counter()
        found = await asyncio.gather(*(one(number) for number in range(len(posts))))
    return [took for took, _ in found], sum(status != 200 for _, status in found)


def measure(seconds: int) -> dict[str, Any]:
    """The figures of a deployment of its own."""
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory()))
        rate = str(SENDS_PER_S)
        deployment = Deployment(folder, ACCOUNT_RATE_PER_S=rate, NUMBER_RATE_PER_S=rate)
        held.callback(deployment.end)
        deployment.start_servers()
        deployment.start("simulator", "worker", "sender", "gateway", "archive")
        deployment.wait_ready()
        asyncio.run(busy(deployment, seconds))
        env = deployment.env
        url = f"{env['PUBLIC_URL']}/webhooks/plivo/{env['WEBHOOK_SECRETS']}/inbound"
        before, used, begun = _sent(folder), _used(deployment), time.monotonic()
        took, refused = asyncio.run(stops(url, env["PLIVO_AUTH_TOKEN"], seconds))
        lasted = time.monotonic() - begun
        cores = {name: round((cpu - used[name]) / lasted, 2) for name, cpu in _used(deployment).items()}
        sends_per_s = round((_sent(folder) - before) / lasted, 1)
    cuts = quantiles(took, n=100)
    times = {"p50_ms": round(cuts[49]), "p99_ms": round(cuts[98]), "max_ms": round(max(took))}
    return {"stops": len(took), "sends_per_s": sends_per_s, "not_200": refused, "cores_used": cores, **times}


def main(seconds: int) -> int:
    """Print the figures and keep them; 1 if an answer was not 200."""
    found = measure(seconds)
    results.keep("webhook", {"stops_per_s": STOPS_PER_S, **found})
    cores = ", ".join(f"{name} {n:.2f}" for name, n in found["cores_used"].items())
    sys.stdout.write(
        f"{found['stops']} STOP webhooks at {STOPS_PER_S}/s beside {found['sends_per_s']} sends/s: "
        f"p50 {found['p50_ms']} ms, p99 {found['p99_ms']} ms (expected <= {GOAL_MS}), "
        f"most {found['max_ms']} ms, {found['not_200']} not answered 200\n"
        f"cores used of {os.cpu_count()}: {cores}\n"
    )
    return int(found["not_200"] > 0)


def _used(deployment: Deployment) -> dict[str, float]:
    """CPU seconds of each process so far, the load's own as ``load``."""
    pids = {name: process.pid for name, process in deployment.running.items()}
    servers = {server.name: server.pid for server in deployment.stack.status() if server.pid}
    return {name: machine.cpu_s(pid) for name, pid in (pids | servers).items()} | {
        "load": time.process_time()
    }


def _sent(folder: Path) -> int:
    entries = ledger.read(folder / "carrier.jsonl")
    return sum(isinstance(entry, ledger.Accepted) for entry in entries)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 30))
