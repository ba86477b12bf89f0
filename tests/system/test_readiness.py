"""`/ready` tells the truth: recovering is not ready, Kafka away is not ready, mended is ready."""

import json
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from devstack import ports
from tests.system.deployment import Deployment, booking, consent, phone, setting

pytestmark = [pytest.mark.servers, pytest.mark.timeout(900)]
PROCESSES = ("worker", "sender", "archive")
BEHIND = 5_000


async def test_ready_says_so_only_while_the_work_can_be_done(deployment: Deployment) -> None:
    taken = dict(zip(PROCESSES, ports.choose(len(PROCESSES)), strict=True))
    deployment.env["SESSION_TIMEOUT_S"] = "45"  # a worker that was taken for dead ends, and is started anew
    deployment.env |= {f"{name.upper()}_METRICS_PORT": str(port) for name, port in taken.items()}
    await deployment.publish(
        ("settings-changes", setting("sms_enabled", True)),
        ("consent-changes", consent("b1", phone(1))),
        ("booking-events", booking("b1", phone(1), starts_in_s=86_400)),
        *(("booking-events", booking(f"other{n}", None, starts_in_s=86_400)) for n in range(BEHIND)),
    )
    deployment.start("simulator", *PROCESSES)
    recovering = _until(deployment, lambda: _ready(taken["worker"]), _is_answer)
    assert recovering[0] == 503, "it answers while it recovers, and says that it can't work yet"
    assert not all(recovering[1].values())
    for name in PROCESSES:
        _until(deployment, lambda name=name: _ready(taken[name]), _is_ready)
    await _metrics_tell(deployment, taken)

    deployment.stack.pause_broker(1)
    for name in PROCESSES:
        away = _until(deployment, lambda name=name: _ready(taken[name]), _is_not_ready)
        assert away[1]["kafka"] is False
    deployment.stack.resume_broker(1)
    for name in PROCESSES:
        _until(deployment, lambda name=name: _ready(taken[name]), _is_ready)


async def _metrics_tell(deployment: Deployment, taken: dict[str, int]) -> None:
    """The gauges are those of the running process: all is read, one row waits for its time."""
    _until(deployment, lambda: _metric(taken["worker"], "worker_lag_records"), lambda lag: lag == 0)
    assert _metric(taken["worker"], "worker_ticks_pending") >= 1
    assert _metric(taken["worker"], "worker_due_now") == 0
    assert _metric(taken["worker"], "worker_recovery_seconds") > 0
    await deployment.read("delivery-events", until=lambda seen: any(e.state == "accepted" for e in seen))
    _until(deployment, lambda: _metric(taken["sender"], "sender_lag_records"), lambda lag: lag == 0)
    _until(deployment, lambda: _metric(taken["sender"], "sender_waiting_texts"), lambda texts: texts == 0)


def _ready(port: int) -> tuple[int, dict[str, bool]] | None:
    try:
        answer = httpx.get(f"http://127.0.0.1:{port}/ready", timeout=5)
    except httpx.HTTPError:
        return None
    return answer.status_code, json.loads(answer.content)


def _metric(port: int, name: str) -> float:
    told = httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=5).text
    return next(float(line.split()[1]) for line in told.splitlines() if line.startswith(f"{name} "))


def _until(deployment: Deployment, ask: Callable[[], Any], wanted: Callable[[Any], bool]) -> Any:
    until, found = time.monotonic() + 150, None
    while time.monotonic() < until:
        found = ask()
        if wanted(found):
            return found
        time.sleep(0.1)
    raise AssertionError(f"last seen: {found}\n{deployment.tails()}")


def _is_answer(found: Any) -> bool:
    return found is not None


def _is_ready(found: Any) -> bool:
    return found is not None and found[0] == 200


def _is_not_ready(found: Any) -> bool:
    return found is not None and found[0] == 503
