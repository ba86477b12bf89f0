"""Two workers and two senders under load; one of each killed, the others stopped, all started again."""

import asyncio
import random
import time
from collections import Counter
from typing import Any

import msgspec
import pytest
from aiokafka import AIOKafkaConsumer
from msgspec.structs import replace

from agents.moment import Moment
from agents.tables import Tables
from runtime.routing import route
from runtime.topics_admin import changelog_name
from schemas.delivery_events import DeliveryEvent
from simulator import ledger
from streams.app import ROW_TYPES, utc_now
from streams.flows import handle
from streams.lane import is_internal
from streams.topology import FLOWS
from tests.system.deployment import Deployment, booking, consent, phone, setting

pytestmark = [pytest.mark.servers, pytest.mark.timeout(400)]

PER_S = 300
LOAD_S = 16
PHONES = 120
FOLDED = ("consents", "opt_outs", "switches", "event_phones")


class Record:
    """A record for the fold of the input."""

    def __init__(self, topic: str, value: bytes) -> None:
        self.topic, self.value = topic, value
        self.partition, self.offset, self.key = 0, 0, None


def test_kills_and_stops_under_load_lose_and_double_nothing(deployment: Deployment) -> None:
    """Every planned text ends, tables equal a fold of the input, no text reaches the carrier twice."""
    deployment.env |= {"ACCOUNT_RATE_PER_S": "30", "NUMBER_RATE_PER_S": "30", "CLAIM_VALID_S": "3"}
    deployment.env |= {"SETTLING_S": "2", "REMINDER_POLICY": "strict"}
    asyncio.run(_load(deployment))


async def _load(deployment: Deployment) -> None:
    deployment.start("simulator", "worker-1", "worker-2", "sender-1", "sender-2")
    await deployment.publish(("settings-changes", setting("sms_enabled", True)))
    inputs = _inputs()
    disturbing = asyncio.create_task(asyncio.to_thread(_disturb, deployment))
    began = time.monotonic()
    for second in range(LOAD_S):
        await deployment.publish(*inputs[second * PER_S : (second + 1) * PER_S])
        await asyncio.sleep(max(second + 1 - (time.monotonic() - began), 0))
    await disturbing
    events = await deployment.read("delivery-events", until=_all_ended, timeout_s=120, explain=_missing)
    await _tables_equal_the_fold(deployment, inputs)
    _nothing_doubled(deployment, events)


def _inputs() -> list[tuple[str, bytes]]:
    """Bookings of a few phones, moved often, with repeats and late records; a consent for each."""
    chance = random.Random(1)
    records = [("consent-changes", consent(f"b{n}", phone(n))) for n in range(PHONES)]
    revisions: Counter[int] = Counter()
    while len(records) < PER_S * LOAD_S:
        n = chance.randrange(PHONES)
        revisions[n] += chance.choice((0, 1, 1, 1, 2, -1))
        starts_in_s = chance.choice((50, 55, 60, 65))
        status = chance.choice(("booked",) * 9 + ("cancelled",))
        record = booking(
            f"b{n}", phone(n), starts_in_s=starts_in_s, revision=max(revisions[n], 0), status=status
        )
        records.append(("booking-events", record))
    return records


def _disturb(deployment: Deployment) -> None:
    time.sleep(5)
    deployment.kill("worker-1")
    deployment.kill("sender-1")
    time.sleep(5)
    deployment.stop("worker-2")
    deployment.stop("sender-2")
    deployment.start("worker-1", "worker-2", "sender-1", "sender-2")


def _all_ended(events: list[Any]) -> bool:
    """Every planned version of a text has ended, or its text was told or refused in another version."""
    return len({e.text_id for e in events}) > PHONES and not _open(events)


def _open(events: list[Any]) -> set[tuple[str, int]]:
    planned = {(e.text_id, e.plan_version) for e in events if e.state == "planned"}
    ended = {(e.text_id, e.plan_version) for e in events if e.final}
    closed = {e.text_id for e in events if e.state in ("accepted", "rejected", "unresolved")}
    return {one for one in planned - ended if one[0] not in closed}


def _missing(events: list[Any]) -> str:
    """The lives of some texts that did not end."""
    names = {name for name, _ in _open(events)}
    told = [
        f"{e.text_id[:6]} {e.plan_version} {e.wording} {e.state} {e.reason} {e.at:%X}"
        for e in events
        if e.text_id in sorted(names)[:4]
    ]
    return f"{len(names)} texts have not ended: {sorted(told)}"


async def _tables_equal_the_fold(deployment: Deployment, inputs: list[tuple[str, bytes]]) -> None:
    """The rows in the changelogs are those that the agents make of the inputs, one after the other."""
    tables = Tables()
    moment = Moment(now=utc_now(), partition=0, policy=deployment.config.policy())
    agents = {flow.topic.name: flow for flow in FLOWS}
    for topic, value in await _as_read(deployment):
        record = Record(topic, value)
        for message in handle(agents[record.topic], record, tables, moment):
            _pass_on(message, agents, tables, moment)
    for name in FOLDED:
        real = await _rows(deployment, name)
        fold = {key: _plain(row) for key, row in getattr(tables, name).items()}
        assert {key: _plain(row) for key, row in real.items()} == fold, name
    assert len(inputs) == PER_S * LOAD_S


def _pass_on(message: Any, agents: dict[str, Any], tables: Tables, moment: Moment) -> None:
    """What intake made goes on to the agents whose tables are compared."""
    routed = route(message, 4)
    flow = agents.get(routed.topic)
    if flow is not None and flow.writes in FOLDED:
        here = replace(moment, partition=routed.partition or 0)
        for more in handle(flow, Record(routed.topic, routed.value), tables, here):
            if route(more, 4).topic in ("consents-in",):
                _pass_on(more, agents, tables, moment)


async def _as_read(deployment: Deployment) -> list[tuple[str, bytes]]:
    """The inputs as they lie in the topics: order counts within a partition only."""
    return [
        (record.topic, record.value)
        for record in await _raw(deployment, "settings-changes", "consent-changes", "booking-events")
    ]


async def _raw(deployment: Deployment, *topics: str) -> list[Any]:
    consumer = AIOKafkaConsumer(
        *topics,
        bootstrap_servers=deployment.env["KAFKA_BOOTSTRAP_SERVERS"],
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    await consumer.start()
    found: list[Any] = []
    ends = await consumer.end_offsets(consumer.assignment())
    while any([await consumer.position(tp) < end for tp, end in ends.items()]):
        for records in (await consumer.getmany(timeout_ms=200)).values():
            found += records
    await consumer.stop()
    return found


async def _rows(deployment: Deployment, table: str) -> dict[str, Any]:
    rows: dict[str, Any] = {}
    for record in await _raw(deployment, changelog_name(deployment.config.app_id, table)):
        if record.key is None or is_internal(record.key):
            continue
        if record.value is None:
            rows.pop(record.key.decode(), None)
        else:
            rows[record.key.decode()] = msgspec.json.decode(record.value, type=ROW_TYPES[table])
    return rows


def _plain(row: Any) -> Any:
    """A row without the times at which we received things, which two runs can't share."""
    return _without_receipt(msgspec.to_builtins(row))


def _without_receipt(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_receipt(v) for k, v in value.items() if k != "received_at"}
    return [_without_receipt(v) for v in value] if isinstance(value, list) else value


def _nothing_doubled(deployment: Deployment, events: list[Any]) -> None:
    entries = ledger.read(deployment.folder / "carrier.jsonl")
    accepted = Counter(
        e.url.split("/status/")[1].split(".")[0] for e in entries if isinstance(e, ledger.Accepted)
    )
    assert [name for name, times in accepted.items() if times > 1] == []
    ours = {e.text_id for e in events if isinstance(e, DeliveryEvent) and e.state == "accepted"}
    unresolved = {e.text_id for e in events if isinstance(e, DeliveryEvent) and e.state == "unresolved"}
    assert set(accepted) - unresolved == ours - unresolved
    assert len(accepted) > PHONES
