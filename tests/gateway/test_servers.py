"""The promises of the web edge on real Kafka and Valkey, its process killed, its servers away."""

import asyncio
import time
import uuid
from typing import Any

import pytest

from devstack import Stack
from rules.links import status_token
from runtime.gate_keys import drain_key, ms, phone_key
from runtime.partition import partition_for
from tests.gateway.running import Running, facts, read, ref_of, replies, stop_from, until
from tests.gateway.webhook_posts import INBOUND

pytestmark = [pytest.mark.servers, pytest.mark.usefixtures("gate")]


def test_a_stop_is_in_kafka_in_the_gate_and_in_the_ledger(gateway: Running, gate: Any, phone: str) -> None:
    gateway.start()
    assert gateway.post(INBOUND, stop_from(phone)) == 200
    [(partition, sms)] = replies(gateway, phone)
    assert partition == partition_for(ref_of(phone).encode(), 4)
    until(lambda: gate.hget(phone_key(ref_of(phone)), "stop") == str(ms(sms.received_at)))
    until(lambda: facts(gateway, phone))
    [fact] = facts(gateway, phone)
    assert (fact.kind, fact.drained, fact.inbound_uuid) == ("stop_effective", "empty", sms.inbound_uuid)
    assert fact.accepted_at == sms.received_at
    assert fact.effective_at is not None
    assert fact.effective_at >= sms.received_at


def test_a_send_under_way_is_waited_for(gateway: Running, gate: Any, phone: str) -> None:
    gateway.start()
    over_ms = int(time.time() * 1000) + 600
    gate.zadd(drain_key(ref_of(phone)), {"claim": over_ms})
    assert gateway.post(INBOUND, stop_from(phone)) == 200
    until(lambda: facts(gateway, phone))
    [fact] = facts(gateway, phone)
    assert fact.drained == "empty"
    assert fact.effective_at is not None
    assert ms(fact.effective_at) >= over_ms


def test_what_is_forged_leaves_no_trace(gateway: Running, gate: Any, phone: str) -> None:
    gateway.start()
    keys = set(gate.keys())
    token = status_token(b"a guess", "a" * 32, 1, 0)
    for _ in range(50):
        assert gateway.post(INBOUND, stop_from(phone), token="a guess") == 403
        assert gateway.post(f"/webhooks/plivo/status/{token}", {"MessageUUID": "u", "Status": "sent"}) == 403
    assert replies(gateway, phone) == []
    assert set(gate.keys()) == keys
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


def test_a_gateway_that_is_told_to_end_finishes_its_drains(gateway: Running, gate: Any, phone: str) -> None:
    gateway.start()
    gate.zadd(drain_key(ref_of(phone)), {"claim": int(time.time() * 1000) + 800})
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
