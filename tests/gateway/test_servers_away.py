"""Servers taken away from the web edge, its process killed: no STOP is lost, none is late."""

import asyncio
import os
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from devstack import Stack
from runtime.gate_keys import EPOCH, behind_key, ms, phone_key
from tests.gateway.running import Running, facts, read, ref_of, replies, stop_from, until
from tests.gateway.webhook_posts import INBOUND

REPLIES = 200
pytestmark = [pytest.mark.servers, pytest.mark.usefixtures("gate")]


def test_while_kafka_is_frozen_a_stop_is_on_disk_and_comes_later(
    stack: Stack, gateway: Running, gate: Any, phone: str
) -> None:
    gateway.start()
    stop = stop_from(phone)
    stack.pause_broker(1)
    try:
        assert gateway.post(INBOUND, stop) == 503
        assert gateway.spooled() >= 1
        assert gate.hget(phone_key(ref_of(phone)), "stop")
        first_ms = gate.hget(phone_key(ref_of(phone)), "stop")
    finally:
        stack.resume_broker(1)
    until(lambda: gateway.spooled() == 0)
    for _ in range(2):
        assert gateway.post(INBOUND, stop) == 200
    received = {str(ms(sms.received_at)) for _, sms in replies(gateway, phone)}
    assert received == {first_ms}
    assert gate.hget(phone_key(ref_of(phone)), "stop") == first_ms
    assert {fact.inbound_uuid for fact in facts(gateway, phone)} == {stop["MessageUUID"]}


def test_what_a_killed_gateway_had_on_disk_is_brought_by_the_next(
    stack: Stack, gateway: Running, gate: Any, phone: str
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
    assert gate.hget(phone_key(ref_of(phone)), "stop")


def test_a_valkey_that_forgot_learns_of_what_is_on_disk(
    stack: Stack, gateway: Running, gate: Any, phone: str
) -> None:
    gateway.start()
    stack.pause_broker(1)
    try:
        assert gateway.post(INBOUND, stop_from(phone)) == 503
        stack.flush_valkey()
        assert not gate.exists(phone_key(ref_of(phone)))
        gate.set(EPOCH, "2")
        until(lambda: gate.hget(phone_key(ref_of(phone)), "stop"))
        until(lambda: gate.scard(behind_key("2")) == 0)
    finally:
        stack.resume_broker(1)
    until(lambda: gateway.spooled() == 0)


def test_a_drain_right_after_valkey_forgot_takes_its_whole_time(
    gateway: Running, gate: Any, phone: str
) -> None:
    gateway.start()
    gate.set(EPOCH, str(int(time.time() * 1_000_000)))
    assert gateway.post(INBOUND, stop_from(phone)) == 200
    until(lambda: facts(gateway, phone))
    [fact] = facts(gateway, phone)
    assert fact.effective_at is not None
    assert fact.accepted_at is not None
    assert (fact.effective_at - fact.accepted_at).total_seconds() > gateway.config.drain_s / 2


def test_a_gateway_ends_in_order_while_kafka_is_away(
    stack: Stack, gateway: Running, gate: Any, phone: str
) -> None:
    gateway.start()
    stack.pause_broker(1)
    try:
        assert gateway.post(INBOUND, stop_from(phone)) == 503
        assert gateway.end() == 0
        assert gateway.spooled() >= 1
    finally:
        stack.resume_broker(1)


def test_kafka_away_and_back_no_reply_is_lost_and_each_stop_is_effective(
    stack: Stack, gateway: Running, gate: Any
) -> None:
    """Of 200 replies from as many phones every second one is a STOP; `OUTAGE_S=60` for the whole minute."""
    gateway.start()
    first, outage_s = 12_025_000_000 + uuid.uuid4().int % 9_000 * 1000, float(os.environ.get("OUTAGE_S", "5"))
    phones = [f"+{first + number}" for number in range(REPLIES)]
    sent = {phone: stop_from(phone) for phone in phones}
    for phone in phones[1::2]:
        sent[phone]["Text"] = "which room is it?"
    stops = phones[0::2]
    stack.stop_broker(1)
    begun = time.monotonic()

    def reply(numbered: tuple[int, str]) -> int:
        number, phone = numbered
        time.sleep(max(begun + outage_s * number / REPLIES - time.monotonic(), 0))
        return gateway.post(INBOUND, sent[phone])

    with ThreadPoolExecutor(20) as threads:
        assert set(threads.map(reply, enumerate(phones))) == {503}
    assert all(gate.hget(phone_key(ref_of(phone)), "stop") for phone in stops), "silent while Kafka is away"
    assert gateway.spooled() >= REPLIES
    stack.start_broker(1)
    until(lambda: gateway.spooled() == 0, timeout_s=60)
    kafka = gateway.config.kafka_bootstrap_servers
    uuids = {fields["MessageUUID"] for fields in sent.values()}
    came = {sms.inbound_uuid for _, sms in asyncio.run(read(kafka, "inbound-sms"))}
    assert uuids <= came
    effective = [fact for _, fact in asyncio.run(read(kafka, "consent-facts"))]
    refs = {fact.phone_ref for fact in effective if fact.kind == "stop_effective"}
    assert {ref_of(phone) for phone in stops} <= refs
    assert not {ref_of(phone) for phone in phones[1::2]} & refs


def test_without_valkey_the_answer_is_200_and_the_flag_follows(
    stack: Stack, gateway: Running, gate: Any, phone: str
) -> None:
    gateway.start()
    stack.stop_valkey()
    try:
        assert gateway.post(INBOUND, stop_from(phone)) == 200
        assert gateway.web.get("/ready").json() == {"kafka": True, "redis": False, "records": True}
        assert facts(gateway, phone) == []
    finally:
        stack.start_valkey()
    until(lambda: gate.hget(phone_key(ref_of(phone)), "stop"))
    until(lambda: facts(gateway, phone))
