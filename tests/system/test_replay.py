"""`reminders replay` over real topics: it foretells what would be sent."""

import re
import subprocess
import sys
from typing import Any

import pytest

from schemas.delivery_events import DeliveryEvent
from tests.system.deployment import Deployment, booking, consent, phone, setting

pytestmark = [pytest.mark.servers, pytest.mark.timeout(900)]
FROM_START = ("--topic", "bookings", "--from", "beginning")


async def test_what_a_replay_would_send_is_foretold(deployment: Deployment) -> None:
    deployment.start("simulator", "worker", "sender")
    await deployment.publish(("settings-changes", setting("sms_enabled", True)))
    await _book(deployment, 1, starts_in_s=20)
    await deployment.read("delivery-events", until=lambda seen: _ended(seen) == 2, timeout_s=180)
    told = _replay(deployment, "--dry-run", exit_code=1)
    assert "at work: stop all workers and senders first" in told

    _stop(deployment)
    told = _replay(deployment, "--dry-run")
    assert "0 texts would be sent, 0 of them because of the replay" in told
    assert _again(told) > 0

    # in time and not ended: one that the worker has yet to release, one that lies before the sender
    deployment.start("worker")
    await _book(deployment, 2, starts_in_s=7200, announce=False)
    await deployment.read("delivery-events", until=lambda seen: _planned(seen, "b2") == 1, timeout_s=180)
    deployment.stop("worker")
    assert "1 texts would be sent, 0 of them because of the replay" in _replay(deployment, "--dry-run")
    deployment.start("worker")
    await _book(deployment, 3, starts_in_s=7200)
    await deployment.read("sms-deliveries", until=lambda seen: any(_is_of(m, "b3") for m in seen))
    deployment.stop("worker")
    told = _replay(deployment, "--dry-run")
    assert "3 texts would be sent, 0 of them because of the replay" in told
    assert told.count("with or without the replay") == 3


async def _book(deployment: Deployment, n: int, *, starts_in_s: float, **fields: Any) -> None:
    await deployment.publish(
        ("consent-changes", consent(f"b{n}", phone(n))),
        ("booking-events", booking(f"b{n}", phone(n), starts_in_s=starts_in_s, **fields)),
    )


def _stop(deployment: Deployment) -> None:
    deployment.stop("worker", timeout_s=120)
    deployment.stop("sender", timeout_s=120)


def _ended(seen: list[Any]) -> int:
    return len({(e.text_id, e.plan_version) for e in seen if isinstance(e, DeliveryEvent) and e.final})


def _planned(seen: list[Any], booking_id: str) -> int:
    return sum(isinstance(e, DeliveryEvent) and e.booking_id == booking_id for e in seen)


def _is_of(message: Any, booking_id: str) -> bool:
    return message.text.booking_id == booking_id


def _again(told: str) -> int:
    found = re.search(r"(\d+) records of bookings would be read again", told)
    assert found is not None, told
    return int(found[1])


def _replay(
    deployment: Deployment, *more: str, words: tuple[str, ...] = FROM_START, exit_code: int = 0
) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", "replay", *words, *more],
        env=deployment.env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == exit_code, f"{done.stdout}{done.stderr}\n{deployment.tails()}"
    return done.stdout
