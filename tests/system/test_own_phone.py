"""`reminders doctor --carrier --test-text` on a running system: the last check before going live."""

import asyncio
import subprocess
import sys
from collections.abc import Callable

import pytest

from schemas.delivery_events import DeliveryEvent
from schemas.sms import InboundSms
from simulator import ledger
from tests.archive.level import written_up
from tests.system.deployment import Deployment, consent, phone, setting

pytestmark = [pytest.mark.servers, pytest.mark.timeout(300)]
MINE, ANOTHERS, STRANGERS = phone(1), phone(2), phone(3)
AS_DELIVERED = ("REMINDER_LEADS_S", "AT_ONCE_BEFORE_START_S", "SETTLING_S")


def test_a_test_text_goes_the_road_of_every_text(deployment: Deployment) -> None:
    """Who signed up gets one confirmation, marked as a test; who did not gets nothing; both are told."""
    for name in AS_DELIVERED:
        del deployment.env[name]
    deployment.env["TEXT_ONLY"] = MINE
    deployment.start("simulator", "worker", "sender", "gateway", "archive")
    deployment.wait_ready()
    asyncio.run(_prepare(deployment))

    done = _doctor(deployment, MINE)
    assert done.returncode == 0, f"{done.stdout}{done.stderr}\n{deployment.tails()}"
    assert "well  test text: delivered; booking test-text-" in done.stdout
    [text] = _accepted(deployment)
    assert text.dst == MINE
    assert "booked" in text.text

    again = _doctor(deployment, MINE)
    assert again.returncode == 1
    assert "no consent of this phone stands for an event without a booking" in again.stdout
    assert "mend: make a link with `reminders invite`" in again.stdout
    stranger = _doctor(deployment, STRANGERS)
    assert stranger.returncode == 1
    assert "NOT    test text: no consent of this phone stands" in stranger.stdout
    assert [text.dst for text in _accepted(deployment)] == [MINE], "one text, whoever asked again"
    events = asyncio.run(_confirmations(deployment))
    assert {event.is_test for event in events} == {True}
    assert {event.event_id for event in events} == {"own-test"}


async def _prepare(deployment: Deployment) -> None:
    """Texting is on, its owner signed up, and another phone made the carrier show its list and signature."""
    await deployment.publish(
        ("settings-changes", setting("sms_enabled", True)),
        ("consent-changes", consent("own-test", MINE)),
    )
    await deployment.replies(ANOTHERS, "STOP")
    await deployment.read("inbound-sms", until=_some(lambda one: isinstance(one, InboundSms)))
    await deployment.read("consents-in", until=bool)
    await written_up(deployment)


def _some(is_it: Callable[[object], bool]) -> Callable[[list[object]], bool]:
    return lambda seen: any(is_it(one) for one in seen)


def _doctor(deployment: Deployment, number: str) -> "subprocess.CompletedProcess[str]":
    argv = [sys.executable, "-m", "cli.main", "doctor", "--carrier", "--test-text", number]
    return subprocess.run(argv, env=deployment.env, capture_output=True, text=True, check=False)


def _accepted(deployment: Deployment) -> list[ledger.Accepted]:
    """Texts the carrier took, but for answers to replies."""
    entries = ledger.read(deployment.folder / "carrier.jsonl")
    return [e for e in entries if isinstance(e, ledger.Accepted) and e.dst != ANOTHERS]


async def _confirmations(deployment: Deployment) -> list[DeliveryEvent]:
    seen = await deployment.read("delivery-events", until=lambda seen: any(m.final for m in seen))
    return [event for event in seen if isinstance(event, DeliveryEvent) and event.kind == "confirmation"]
