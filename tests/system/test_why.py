"""`reminders why` on a running system: from Kafka through worker and archive into words."""

import subprocess
import sys
import time

import pytest

from tests.system.deployment import Deployment, booking, setting

pytestmark = [pytest.mark.servers, pytest.mark.timeout(180)]


async def test_says_what_a_booking_waits_for(deployment: Deployment) -> None:
    deployment.start("worker", "archive")
    await deployment.publish(
        ("settings-changes", setting("sms_enabled", True)),
        ("booking-events", booking("without-consent", "+13308235501", starts_in_s=7200)),
        ("booking-events", booking("switched-off", "+13308235502", starts_in_s=7200, workspace_id="off")),
        ("booking-events", booking("without-phone", None, starts_in_s=7200)),
        ("booking-events", booking("with-bad-phone", "call me", starts_in_s=7200)),
    )
    wanted = {
        "without-consent": "It waits for a consent of this person for this event and phone.",
        "switched-off": "Withdrawn: texts are switched off for the workspace.",
        "without-phone": "No text is planned: it waits for a phone",
        "with-bad-phone": "notice phone_invalid: the booking's phone can't be read",
    }
    for name, sentence in wanted.items():
        told = _until(deployment, name, sentence)
        assert "Acme Research" in told
        assert "+1330823" not in told


def _until(deployment: Deployment, name: str, sentence: str, timeout_s: float = 60) -> str:
    told, until = "", time.monotonic() + timeout_s
    while sentence not in told and time.monotonic() < until:
        told = subprocess.run(
            [sys.executable, "-m", "cli.main", "why", name],
            env=deployment.env,
            capture_output=True,
            text=True,
            check=False,
        ).stdout
    assert sentence in told, f"{told}\n{deployment.tails()}"
    return told
