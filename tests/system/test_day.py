"""A day of texts through the whole pipeline: each ends once, and the records say so as the carrier does."""

import os
import re
import subprocess
import sys
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import func, select

from records import tables
from records.engine import connect
from records.life import ENDS
from schemas.delivery_events import DeliveryEvent
from simulator import ledger
from tests.archive.level import written_up
from tests.system.crowd import LEAD_S, SETTINGS, Person, arrive
from tests.system.deployment import Deployment

TEXTS = int(os.environ.get("REMINDERS_DAY_TEXTS", "300"))
PEOPLE = TEXTS // 2
PER_S = 10.0
LEAST = {"accepted", "suppressed", "expired", "rejected"}
pytestmark = [pytest.mark.servers, pytest.mark.long, pytest.mark.timeout(60 + 2 * PEOPLE / PER_S + 120)]


async def test_planned_is_the_sum_of_the_ends(deployment: Deployment) -> None:
    deployment.env |= SETTINGS
    deployment.start("simulator", "gateway", "worker", "sender", "archive")
    deployment.wait_ready()
    people = [Person(n) for n in range(PEOPLE)]
    await arrive(deployment, people, PER_S)
    events = await deployment.read(
        "delivery-events", until=_all_ended, timeout_s=LEAD_S + 100, explain=_unended
    )
    await written_up(deployment)

    planned = {(e.text_id, e.plan_version) for e in events if e.state == "planned"}
    states = _states(deployment)
    assert len(planned) >= TEXTS
    assert sum(states.values()) == len(planned)
    assert states.keys() <= set(ENDS)
    assert states.keys() >= LEAST, "a day on which nothing goes wrong proves little"
    assert _reported(deployment) == (len(planned), len(planned), 0)
    assert _uuids(deployment, states) == _accepted_by_the_carrier(deployment)
    sys.stdout.write(f"{len(planned)} planned = {states}\n")


def _all_ended(events: list[Any]) -> bool:
    planned = [e for e in events if e.state == "planned"]
    return len({e.booking_id for e in planned}) >= PEOPLE * 17 // 20 and not _open(events)


def _open(events: list[DeliveryEvent]) -> set[tuple[str, int]]:
    ended = {(e.text_id, e.plan_version) for e in events if e.final}
    return {(e.text_id, e.plan_version) for e in events if e.state == "planned"} - ended


def _unended(events: list[DeliveryEvent]) -> str:
    names = sorted(_open(events))[:5]
    lives = [
        f"{e.text_id[:6]}/{e.plan_version} {e.booking_id} {e.wording} {e.state} {e.reason}"
        for e in events
        if (e.text_id, e.plan_version) in names
    ]
    return f"{len(_open(events))} texts have not ended: {lives}"


def _states(deployment: Deployment) -> Counter[str]:
    engine = connect(deployment.config.records_url)
    query = select(tables.texts.c.state, func.count()).group_by(tables.texts.c.state)
    with engine.connect() as connection:
        found = Counter({row[0]: row[1] for row in connection.execute(query)})
    engine.dispose()
    return found


def _reported(deployment: Deployment) -> tuple[int, ...]:
    """Planned, ended and open, as the report says."""
    argv = [sys.executable, "-m", "cli.main", "report", "--since", "1h", "--tests"]
    told = subprocess.run(argv, env=deployment.env, capture_output=True, text=True, check=True).stdout
    found = re.search(r"(\d+) planned = (\d+) ended \+ (\d+) still open, which is all of them", told)
    assert found, told
    return tuple(int(number) for number in found.groups())


def _uuids(deployment: Deployment, states: Counter[str]) -> Counter[str]:
    """The carrier's ids of what the records say was accepted."""
    engine = connect(deployment.config.records_url)
    query = select(tables.texts.c.carrier_uuid).where(tables.texts.c.state == "accepted")
    with engine.connect() as connection:
        found = Counter(connection.execute(query).scalars())
    engine.dispose()
    assert found.total() == states["accepted"]
    return found


def _accepted_by_the_carrier(deployment: Deployment) -> Counter[str]:
    entries = ledger.read(deployment.folder / "carrier.jsonl")
    return Counter(entry.uuid for entry in entries if isinstance(entry, ledger.Accepted))
