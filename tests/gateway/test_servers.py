"""The promises of the web edge on real Kafka and Valkey, its process killed, its servers away."""

import asyncio
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import redis

from devstack import Stack
from rules.ids import phone_ref
from rules.links import status_token
from runtime import topics_admin
from runtime.gate_keys import EPOCH, behind_key, drain_key, ms, phone_key
from runtime.partition import partition_for
from schemas.ledger import ConsentFact
from schemas.sms import InboundSms
from tests.gateway.desk import form
from tests.gateway.running import Running, read, until

pytestmark = pytest.mark.servers
INBOUND = "/webhooks/plivo/path-new/inbound"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Servers of this module alone: its tests take them away."""
    own = Stack(tmp_path_factory.mktemp("stack"), environ={})
    own.start()
    yield own
    own.stop()


@pytest.fixture
def gateway(stack: Stack, tmp_path: Path) -> Iterator[Running]:
    running = Running(tmp_path, stack.start())
    asyncio.run(topics_admin.ensure(running.config))
    yield running
    running.close()


@pytest.fixture(autouse=True)
def valkey(gateway: Running) -> Iterator[Any]:
    """A client, in an epoch that a sender began long ago."""
    with redis.Redis.from_url(gateway.config.redis_url, decode_responses=True) as client:
        client.set(EPOCH, "1")
        yield client


@pytest.fixture
def phone() -> str:
    """A number of this test alone: the servers keep what others left."""
    return f"+1202{uuid.uuid4().int % 10_000_000:07}"


def stop_from(phone: str) -> dict[str, str]:
    return form(From=phone[1:], MessageUUID=str(uuid.uuid4()))


def ref_of(phone: str) -> str:
    return phone_ref(b"example-reference", phone)


def replies(gateway: Running, phone: str) -> list[tuple[int, InboundSms]]:
    found = asyncio.run(read(gateway.config.kafka_bootstrap_servers, "inbound-sms"))
    return [(partition, sms) for partition, sms in found if sms.phone_ref == ref_of(phone)]


def facts(gateway: Running, phone: str) -> list[ConsentFact]:
    found = asyncio.run(read(gateway.config.kafka_bootstrap_servers, "consent-facts"))
    return [fact for _, fact in found if fact.phone_ref == ref_of(phone)]


def test_a_stop_is_in_kafka_in_the_gate_and_in_the_ledger(gateway: Running, valkey: Any, phone: str) -> None:
    gateway.start()
    assert gateway.post(INBOUND, stop_from(phone)) == 200
    [(partition, sms)] = replies(gateway, phone)
    assert partition == partition_for(ref_of(phone).encode(), 4)
    until(lambda: valkey.hget(phone_key(ref_of(phone)), "stop") == str(ms(sms.received_at)))
    until(lambda: facts(gateway, phone))
    [fact] = facts(gateway, phone)
    assert (fact.kind, fact.drained, fact.inbound_uuid) == ("stop_effective", "empty", sms.inbound_uuid)
    assert fact.accepted_at == sms.received_at
    assert fact.effective_at is not None
    assert fact.effective_at >= sms.received_at


def test_a_send_under_way_is_waited_for(gateway: Running, valkey: Any, phone: str) -> None:
    gateway.start()
    over_ms = int(time.time() * 1000) + 600
    valkey.zadd(drain_key(ref_of(phone)), {"claim": over_ms})
    assert gateway.post(INBOUND, stop_from(phone)) == 200
    until(lambda: facts(gateway, phone))
    [fact] = facts(gateway, phone)
    assert fact.drained == "empty"
    assert fact.effective_at is not None
    assert ms(fact.effective_at) >= over_ms


def test_while_kafka_is_frozen_a_stop_is_on_disk_and_comes_later(
    stack: Stack, gateway: Running, valkey: Any, phone: str
) -> None:
    gateway.start()
    stop = stop_from(phone)
    stack.pause_broker(1)
    try:
        assert gateway.post(INBOUND, stop) == 503
        assert gateway.spooled() >= 1
        assert valkey.hget(phone_key(ref_of(phone)), "stop")
        first_ms = valkey.hget(phone_key(ref_of(phone)), "stop")
    finally:
        stack.resume_broker(1)
    until(lambda: gateway.spooled() == 0)
    for _ in range(2):
        assert gateway.post(INBOUND, stop) == 200
    received = {str(ms(sms.received_at)) for _, sms in replies(gateway, phone)}
    assert received == {first_ms}
    assert valkey.hget(phone_key(ref_of(phone)), "stop") == first_ms
    assert {fact.inbound_uuid for fact in facts(gateway, phone)} == {stop["MessageUUID"]}


def test_what_a_killed_gateway_had_on_disk_is_brought_by_the_next(
    stack: Stack, gateway: Running, valkey: Any, phone: str
) -> None:
    stack.kill_broker(1)
    stack.stop_valkey()
    gateway.start(ready=False)
    away = {"kafka": False, "redis": False, "records": True}
    assert gateway.web.get("/ready").json() == away
    assert gateway.post(INBOUND, stop_from(phone)) == 503
    gateway.kill()
    assert gateway.spooled() == 1
    stack.start_valkey()
    stack.start_broker(1)
    gateway.start()
    until(lambda: gateway.spooled() == 0)
    assert len(replies(gateway, phone)) == 1
    until(lambda: facts(gateway, phone))
    assert valkey.hget(phone_key(ref_of(phone)), "stop")


def test_a_valkey_that_forgot_learns_of_what_is_on_disk(
    stack: Stack, gateway: Running, valkey: Any, phone: str
) -> None:
    gateway.start()
    stack.pause_broker(1)
    try:
        assert gateway.post(INBOUND, stop_from(phone)) == 503
        stack.flush_valkey()
        assert not valkey.exists(phone_key(ref_of(phone)))
        valkey.set(EPOCH, "2")
        until(lambda: valkey.hget(phone_key(ref_of(phone)), "stop"))
        until(lambda: valkey.scard(behind_key("2")) == 0)
    finally:
        stack.resume_broker(1)
    until(lambda: gateway.spooled() == 0)


def test_a_drain_right_after_valkey_forgot_takes_its_whole_time(
    gateway: Running, valkey: Any, phone: str
) -> None:
    gateway.start()
    valkey.set(EPOCH, str(int(time.time() * 1_000_000)))
    assert gateway.post(INBOUND, stop_from(phone)) == 200
    until(lambda: facts(gateway, phone))
    [fact] = facts(gateway, phone)
    assert fact.effective_at is not None
    assert fact.accepted_at is not None
    assert (fact.effective_at - fact.accepted_at).total_seconds() > gateway.config.drain_s / 2


def test_kafka_away_and_back_many_replies_none_lost(stack: Stack, gateway: Running, phone: str) -> None:
    gateway.start()
    sent = [stop_from(phone) for _ in range(100)]
    stack.stop_broker(1)
    with ThreadPoolExecutor(20) as threads:
        assert set(threads.map(lambda one: gateway.post(INBOUND, one), sent)) == {503}
    stack.start_broker(1)
    until(lambda: gateway.spooled() == 0)
    until(lambda: gateway.answers("/ready"))
    assert {sms.inbound_uuid for _, sms in replies(gateway, phone)} == {stop["MessageUUID"] for stop in sent}


def test_without_valkey_the_answer_is_200_and_the_flag_follows(
    stack: Stack, gateway: Running, valkey: Any, phone: str
) -> None:
    gateway.start()
    stack.stop_valkey()
    try:
        assert gateway.post(INBOUND, stop_from(phone)) == 200
        assert gateway.web.get("/ready").json() == {"kafka": True, "redis": False, "records": True}
        assert facts(gateway, phone) == []
    finally:
        stack.start_valkey()
    until(lambda: valkey.hget(phone_key(ref_of(phone)), "stop"))
    until(lambda: facts(gateway, phone))


def test_what_is_forged_leaves_no_trace(gateway: Running, valkey: Any, phone: str) -> None:
    gateway.start()
    keys = set(valkey.keys())
    token = status_token(b"a guess", "a" * 32, 1, 0)
    for _ in range(50):
        assert gateway.post(INBOUND, stop_from(phone), token="a guess") == 403
        assert gateway.post(f"/webhooks/plivo/status/{token}", {"MessageUUID": "u", "Status": "sent"}) == 403
    assert replies(gateway, phone) == []
    assert set(valkey.keys()) == keys
    assert gateway.spooled() == 0


def test_a_report_lies_in_the_partition_of_its_path(gateway: Running) -> None:
    gateway.start()
    name = str(uuid.uuid4())
    token = status_token(b"example-callback", "b" * 32, 2, 3)
    fields = {"MessageUUID": name, "Status": "delivered"}
    assert gateway.post(f"/webhooks/plivo/status/{token}", fields) == 200
    found = asyncio.run(read(gateway.config.kafka_bootstrap_servers, "delivery-reports"))
    [(partition, report)] = [pair for pair in found if pair[1].carrier_uuid == name]
    assert (partition, report.partition, report.text_id, report.attempt) == (3, 3, "b" * 32, 2)


def test_a_gateway_that_is_told_to_end_finishes_its_drains(gateway: Running, valkey: Any, phone: str) -> None:
    gateway.start()
    valkey.zadd(drain_key(ref_of(phone)), {"claim": int(time.time() * 1000) + 800})
    assert gateway.post(INBOUND, stop_from(phone)) == 200
    assert gateway.end() == 0
    assert [fact.drained for fact in facts(gateway, phone)] == ["empty"]


def test_no_number_stands_in_the_log(stack: Stack, gateway: Running, phone: str) -> None:
    gateway.start()
    gateway.post(INBOUND, stop_from(phone))
    stack.pause_broker(1)
    gateway.post(INBOUND, stop_from(phone))
    stack.resume_broker(1)
    gateway.end()
    assert "silent" in gateway.log()
    assert phone[1:] not in gateway.log()
    assert phone[5:] not in gateway.log()
