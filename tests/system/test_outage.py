"""After an outage in which bookings were cancelled and moved, nothing stale is released."""

import asyncio
import time

import pytest

from schemas.deliveries import Delivery, Withdrawal
from tests.system.deployment import Deployment, booking, consent, phone, setting

pytestmark = pytest.mark.servers

COUNT = 40
BACKLOG = 20_000
START_S = 36.0
LEAD_S = 16.0


@pytest.mark.parametrize("barrier", [True, False], ids=["with the barrier", "without it"])
def test_what_was_cancelled_in_an_outage_is_not_reminded_of(deployment: Deployment, barrier: bool) -> None:
    """The clock waits until all inputs of the outage are read. Without the barrier, stale reminders go."""
    stale = asyncio.run(_outage(deployment, barrier=barrier))
    assert (stale == 0) is barrier


async def _outage(deployment: Deployment, *, barrier: bool) -> int:
    """How many reminders of cancelled or moved interviews were released."""
    await deployment.publish(("settings-changes", setting("sms_enabled", True)))
    began = time.monotonic()
    await deployment.publish(
        *(("consent-changes", consent(f"b{n}", phone(n))) for n in range(COUNT)),
        *(("booking-events", booking(f"b{n}", phone(n), starts_in_s=START_S)) for n in range(COUNT)),
    )
    deployment.start("worker-1", REMINDER_LEADS_S=str(LEAD_S))
    await deployment.read("sms-deliveries", until=lambda seen: _count(seen, "confirmation") >= COUNT)
    deployment.stop("worker-1")
    # the reminders come due while nobody listens; half of the interviews are cancelled, half moved,
    # and so much else was booked that the worker does not read this before its clock first looks
    assert time.monotonic() - began < START_S - LEAD_S, "the machine was too slow for this test"
    await deployment.publish(
        *(("booking-events", booking(f"other{n}", None, starts_in_s=86_400)) for n in range(BACKLOG)),
        *(
            (
                "booking-events",
                booking(f"b{n}", phone(n), starts_in_s=START_S + 600, revision=2, status=status),
            )
            for n, status in ((n, "cancelled" if n % 2 else "booked") for n in range(COUNT))
        ),
    )
    await asyncio.sleep(max(START_S - LEAD_S + 1 - (time.monotonic() - began), 0))
    deployment.start("worker-2", REMINDER_LEADS_S=str(LEAD_S), REMINDERS_NO_BARRIER="" if barrier else "1")
    seen = await deployment.read(
        "sms-deliveries",
        until=lambda seen: len({m.text.text_id for m in seen if _is_old_reminder(m)}) >= COUNT,
    )
    return sum(isinstance(m, Delivery) and _is_old_reminder(m) for m in seen)


def _is_old_reminder(message: object) -> bool:
    return (
        isinstance(message, Delivery | Withdrawal)
        and message.text.wording == "reminder"
        and message.text.plan_version == 1
    )


def _count(seen: list[object], wording: str) -> int:
    return sum(isinstance(m, Delivery) and m.text.wording == wording for m in seen)
