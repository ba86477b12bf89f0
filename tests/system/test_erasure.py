"""`reminders erase` on a running system: nothing of the person is left, the opt-out holds."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import MetaData, select

from devstack import ports
from records.engine import connect
from rules.ids import phone_ref
from schemas.delivery_events import DeliveryEvent
from schemas.ledger import LedgerEntry
from tests.system.deployment import Deployment, booking, consent, setting

pytestmark = [pytest.mark.servers, pytest.mark.timeout(300)]
PHONE, OTHER = "+13308235511", "+13308235512"
CANARY = "Canary Lane 77"


async def test_nothing_of_the_person_is_left(deployment: Deployment) -> None:
    [port] = ports.choose(1)
    deployment.env["ARCHIVE_METRICS_PORT"] = str(port)
    deployment.start("simulator", "gateway", "worker", "sender", "archive")
    deployment.wait_ready()
    await deployment.publish(
        ("settings-changes", setting("sms_enabled", True)),
        ("consent-changes", consent("b1", PHONE)),
        ("consent-changes", consent("b2", OTHER)),
        ("booking-events", booking("b1", PHONE, starts_in_s=7200, place=CANARY)),
        ("booking-events", booking("b2", OTHER, starts_in_s=7200)),
    )
    await deployment.read("delivery-events", until=lambda seen: _accepted(seen) >= 2)
    await deployment.replies(PHONE, "STOP")
    await deployment.read("consent-ledger", until=lambda seen: "stop_effective" in _facts(seen))

    proof = json.loads(_run(deployment, "erase", PHONE, "--reason", "asked by letter", "--yes"))
    assert proof["phone_refs"] == [_ref(deployment, PHONE)]
    assert proof["events"] == ["acme/b1"]
    assert proof["tables"]["done"]
    assert proof["records"]["done"]
    assert proof["records"]["rows_changed"] > 0
    assert "sms-deliveries" in proof["topics_cleared_by_retention"]

    for name, content in (("records", _records(deployment)), ("Valkey", _valkey(deployment))):
        assert not [one for one in (PHONE, PHONE[2:], CANARY) if one in content], name
    assert OTHER in _records(deployment), "another person's data stays"
    changed = await deployment.read("consent-ledger", until=lambda seen: "consent_ended" in _facts(seen))
    assert PHONE not in str(changed)
    assert "The ledger is sound" in _run(deployment, "ledger", "verify")

    await deployment.publish(
        ("consent-changes", consent("b3", PHONE)),
        ("booking-events", booking("b3", PHONE, starts_in_s=7200)),
        ("consent-changes", consent("b4", OTHER, person_id="person-b4")),
        ("booking-events", booking("b4", OTHER, starts_in_s=7200)),
    )
    seen = await deployment.read("delivery-events", until=lambda seen: _accepted(seen) >= 3)
    assert "b3" not in {event.event_id for event in seen if event.state == "accepted"}, "STOP still holds"


def _accepted(seen: list[Any]) -> int:
    return sum(isinstance(e, DeliveryEvent) and e.state == "accepted" and e.kind != "reply" for e in seen)


def _facts(seen: list[Any]) -> set[str]:
    return {entry.fact.kind for entry in seen if isinstance(entry, LedgerEntry)}


def _ref(deployment: Deployment, phone: str) -> str:
    return phone_ref(deployment.config.reference_secret.encode(), phone)


def _run(deployment: Deployment, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", *words],
        env=deployment.env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}\n{deployment.tails()}"
    return done.stdout


def _records(deployment: Deployment) -> str:
    """Every value of every table but what is sealed, and the file's own bytes."""
    engine = connect(deployment.config.records_url)
    metadata = MetaData()
    metadata.reflect(engine)
    with engine.connect() as connection:
        rows = [str(tuple(row)) for t in metadata.sorted_tables for row in connection.execute(select(t))]
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    file = Path(deployment.config.records_url.removeprefix("sqlite:///")).read_bytes()
    return "\n".join([*rows, file.decode("latin-1")])


def _valkey(deployment: Deployment) -> str:
    redis = Redis.from_url(deployment.env["REDIS_URL"])
    try:
        return str([(key, redis.dump(key)) for key in redis.scan_iter()])
    finally:
        redis.close()
