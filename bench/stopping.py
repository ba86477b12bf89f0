"""From the webhook of a STOP to silence, beside sends: for ``bench.product``.

Counted from the moment a STOP is posted to ``effective_at`` of the fact that says that nothing of its phone
is on its way any more. Both clocks are this machine's.
"""

import argparse
import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from bench.webhook import SENDS_PER_S, busy, signed
from rules.ids import phone_ref
from schemas.ledger import ConsentFact
from schemas.topics import CONSENT_FACTS
from tests.system.deployment import Deployment

STOPS_PER_S = 10


async def stop(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Milliseconds from webhook to effective, 10 STOPs a second beside 5 sends a second."""
    rate = str(SENDS_PER_S)
    deployment = Deployment(folder, ACCOUNT_RATE_PER_S=rate, NUMBER_RATE_PER_S=rate)
    try:
        await asyncio.to_thread(_start, deployment)
        await busy(deployment, options.seconds)
        at = await _posted(deployment, STOPS_PER_S * options.seconds)
        facts = await deployment.read(CONSENT_FACTS.name, until=lambda seen: len(_ends(seen)) >= len(at))
    finally:
        await asyncio.to_thread(deployment.end)
    late_ms = sorted((end - at[ref]) / timedelta(milliseconds=1) for ref, end in _ends(facts).items())
    told = {"p50": late_ms[len(late_ms) // 2], "p99": late_ms[int(len(late_ms) * 0.99)], "max": late_ms[-1]}
    print(told)  # noqa: T201
    return {"stops": len(at), "effective_after_ms": told}


def _start(deployment: Deployment) -> None:
    deployment.start_servers()
    deployment.start("simulator", "worker", "sender", "gateway")
    deployment.wait_ready()


def _ends(facts: list[Any]) -> dict[str, datetime]:
    """When each phone's STOP was effective."""
    return {
        fact.phone_ref: fact.effective_at
        for fact in facts
        if isinstance(fact, ConsentFact) and fact.kind == "stop_effective" and fact.effective_at is not None
    }


async def _posted(deployment: Deployment, count: int) -> dict[str, datetime]:
    """Post so many STOPs, each at its moment; by phone reference when that was."""
    env, at = deployment.env, dict[str, datetime]()
    url = f"{env['PUBLIC_URL']}/webhooks/plivo/{env['WEBHOOK_SECRETS']}/inbound"
    secret = deployment.config.reference_secret.encode()
    async with httpx.AsyncClient(timeout=30) as web:

        async def one(number: int) -> None:
            await asyncio.sleep(number / STOPS_PER_S)
            phone = f"1614{3_000_000 + number}"
            body, headers = signed(url, env["PLIVO_AUTH_TOKEN"], phone)
            at[phone_ref(secret, f"+{phone}")] = datetime.now(UTC)
            (await web.post(url, content=body, headers=headers)).raise_for_status()

        await asyncio.gather(*(one(number) for number in range(count)))
    return at
