"""Booking, confirmation, reminder, STOP, silence: over real servers, the real SDK and signed webhooks."""

import asyncio
import subprocess
import sys
from typing import Any

import pytest

from schemas.delivery_events import DeliveryEvent
from schemas.ledger import ConsentFact
from simulator import ledger
from tests.system.deployment import Deployment, booking, consent, phone, setting

pytestmark = pytest.mark.servers


def test_a_booking_is_confirmed_reminded_of_and_stopped(deployment: Deployment) -> None:
    """Two people book; one texts STOP after the confirmation and hears no more."""
    deployment.start("simulator", "worker", "sender", "gateway", "archive")
    deployment.wait_ready()
    asyncio.run(_book(deployment))
    to_whom = [entry.dst for entry in _accepted(deployment)]
    assert to_whom.count(phone(1)) == 2
    assert to_whom.count(phone(2)) == 1
    told = _why(deployment, "b2")
    assert "STOP" in told
    assert phone(2) not in told


async def _book(deployment: Deployment) -> None:
    await deployment.publish(("settings-changes", setting("sms_enabled", True)))
    for n in (1, 2):
        await deployment.publish(("consent-changes", consent(f"b{n}", phone(n))))
        await deployment.publish(("booking-events", booking(f"b{n}", phone(n), starts_in_s=20)))
    await deployment.read("delivery-events", until=lambda seen: _count(seen, "accepted") >= 2)
    await deployment.replies(phone(2), "STOP")
    facts = await deployment.read("consent-facts", until=lambda seen: any(_is_effective(m) for m in seen))
    effective = next(fact for fact in facts if _is_effective(fact))
    assert effective.accepted_at is not None
    assert effective.effective_at is not None
    assert (effective.effective_at - effective.accepted_at).total_seconds() <= 2
    await deployment.read("delivery-events", until=lambda seen: sum(m.final for m in seen) >= 4)
    late = [e for e in _accepted(deployment) if e.dst == phone(2) and e.at > effective.effective_at]
    assert late == []


def _is_effective(fact: Any) -> bool:
    return isinstance(fact, ConsentFact) and fact.kind == "stop_effective"


def _count(seen: list[Any], state: str) -> int:
    return sum(isinstance(m, DeliveryEvent) and m.state == state for m in seen)


def _accepted(deployment: Deployment) -> list[ledger.Accepted]:
    entries = ledger.read(deployment.folder / "carrier.jsonl")
    return [entry for entry in entries if isinstance(entry, ledger.Accepted)]


def _why(deployment: Deployment, name: str) -> str:
    argv = [sys.executable, "-m", "cli.main", "why", name]
    return subprocess.run(argv, env=deployment.env, capture_output=True, text=True, check=True).stdout
