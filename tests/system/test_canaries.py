"""Numbers, names and words that are nobody else's, sent through everything while everything goes wrong.

None may be seen in a log, a metric, a key or header of Kafka, a topic without personal data, or Valkey.
"""

import asyncio
import json
import os
import re
from collections.abc import Iterator
from datetime import date

import httpx
import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.structs import ConsumerRecord
from redis import Redis

from cli.token import new_token
from devstack import ports
from schemas.topics import BY_NAME, TOPICS, decode
from tests.archive.level import written_up
from tests.system.crowd import KINDS, SETTINGS, Person, arrive
from tests.system.deployment import Deployment

PEOPLE = int(os.environ.get("REMINDERS_CANARIES", "200"))
PER_S = 20.0
pytestmark = [pytest.mark.servers, pytest.mark.long, pytest.mark.timeout(500 + 4 * PEOPLE / PER_S)]
PUBLIC = {topic.name for topic in TOPICS if not topic.personal}
UNREADABLE = [topic.name for topic in TOPICS if topic.name != "sms-journal"]
"""Topics that get what cannot be read; the journal is written by senders alone, and judged as theirs."""
OURS = b"upstream"
"""The key of what the test itself publishes."""
LIMITS = dict.fromkeys(("WRONG_TOKENS_PER_HOUR", "WRONG_LINKS_PER_HOUR", "API_PER_MINUTE"), "1000000")
"""What is knocked at is to be reached."""
PROCESSES = ("worker", "sender", "archive")
SECRET = re.compile(
    rb"(?:%2[Bb]|(?<![0-9a-fA-F]))1?[( ]{0,2}330[ )-]{0,2}823[ -]?[0-9]{4}(?![0-9a-fA-F])"
    rb"|Zebulon-[0-9]{5}|quagga[0-9]{5}"
)
"""A number in any spelling (no part of a hash), a name, words: of anyone in the crowd."""


async def test_nothing_of_anyone_is_seen(deployment: Deployment) -> None:
    people = [Person(n) for n in range(PEOPLE)]
    for person in people:
        assert all(SECRET.search(one.encode()) for one in person.secrets)
    token, entry = new_token("*", "upstream", "rally", date(2099, 1, 1))
    deployment.env |= {**SETTINGS, **LIMITS, "API_TOKENS": entry, **_metrics_ports()}
    deployment.start("simulator", "gateway", *PROCESSES)
    deployment.wait_ready()
    await asyncio.gather(
        arrive(deployment, people, PER_S),
        _publish_what_cannot_be_read(deployment, people),
        _knock(deployment, people, token),
        _take_servers_away(deployment, PEOPLE / PER_S),
    )
    ends = await deployment.read(
        "delivery-events", until=lambda seen: sum(e.final for e in seen) >= PEOPLE, timeout_s=200
    )
    assert {end.state for end in ends} >= {"accepted", "suppressed", "expired", "rejected", "undelivered"}
    await written_up(deployment)

    seen = {**_logs(deployment), **_metrics(deployment, token), **_valkey(deployment)}
    records = await _records(deployment)
    for record in records:
        seen.setdefault(f"keys of {record.topic}", []).append(b"%r %r" % (record.key, record.headers))
        if record.topic in PUBLIC:
            theirs = b"" if record.key == OURS else record.value
            seen.setdefault(f"values of {record.topic}", []).append(theirs or b"")
    for letter in _letters(records):
        seen.setdefault("heads of dead letters", []).append(letter)
    found = {where: secrets for where, parts in seen.items() if (secrets := _secrets(parts))}
    assert found == {}
    _is_where_it_belongs(people, records)
    assert {f"values of {name}" for name in PUBLIC} <= seen.keys()
    assert {name.partition(" ")[0] for name in seen} >= {
        "log",
        "metrics",
        "valkey",
        "keys",
        "values",
        "heads",
    }


async def _publish_what_cannot_be_read(deployment: Deployment, people: list[Person]) -> None:
    """To every topic: wrong in kind, in a field of closed words, in form, each time with someone's data."""
    for n, person in enumerate(people):
        topic = UNREADABLE[n % len(UNREADABLE)]
        number, name, words = person.phone, person.name, person.words
        for bad in (
            {"type": words},
            {"type": _kind_of(topic), "status": name, "kind": name, "phone": number, "text": words},
            {"type": _kind_of(topic), "phone": f"{number}{name}", "revision": words, number: name},
            [number, name, words],
        ):
            await deployment.publish((topic, json.dumps(bad).encode()))
        await deployment.publish((topic, f"{number} {name} \xff {words}".encode("latin-1")))


def _kind_of(topic: str) -> str:
    return str(BY_NAME[topic].messages[0].__struct_config__.tag)


async def _knock(deployment: Deployment, people: list[Person], token: str) -> None:
    """At the gateway: bad posts, guesses at links, forged webhooks. None may be taken, and none may fail."""
    path = deployment.env["WEBHOOK_SECRETS"]
    api = {"Authorization": f"Bearer {token}"}
    fresh = httpx.Limits(max_keepalive_connections=0)
    async with httpx.AsyncClient(base_url=deployment.env["PUBLIC_URL"], timeout=60, limits=fresh) as web:
        for person in people[:60]:
            number, name, words = person.phone, person.name, person.words
            answers = [
                await web.post("/v1/booking-events", json={"phone": number, "status": name}, headers=api),
                await web.post("/v1/booking-events", content=f"{number} {name}", headers=api),
                await web.get(f"/v1/bookings/{name}/{number}", headers={"Authorization": f"Bearer {number}"}),
                await web.get(f"/m/{words}", params={"phone": number}),
                await web.post(f"/join/{words}", data={"phone": number, "name": name}),
                await web.post(
                    f"/webhooks/plivo/{path}/inbound", data={"From": number, "Text": words, "To": name}
                ),
                await web.post(f"/webhooks/plivo/status/{words}.1.0.{name}", data={"To": number}),
            ]
            codes = [answer.status_code for answer in answers]
            for code, expected in zip(codes, (422, 400, 401, 404, 404, 403, 403), strict=True):
                assert code in (expected, 503), codes  # 503 while a server is away


async def _take_servers_away(deployment: Deployment, load_s: float) -> None:
    """Kafka and then Valkey, in the midst of it."""
    stack = deployment.stack
    await asyncio.sleep(load_s / 3)
    await asyncio.to_thread(stack.pause_broker, 1)
    await asyncio.sleep(3)
    await asyncio.to_thread(stack.resume_broker, 1)
    await asyncio.sleep(load_s / 3)
    await asyncio.to_thread(stack.kill_valkey)
    await asyncio.sleep(1)
    await asyncio.to_thread(stack.start_valkey)


def _metrics_ports() -> dict[str, str]:
    names = [f"{process.upper()}_METRICS_PORT" for process in PROCESSES]
    return {name: str(port) for name, port in zip(names, ports.choose(len(names)), strict=True)}


def _logs(deployment: Deployment) -> dict[str, list[bytes]]:
    """All that our processes wrote; the carrier's own desk may know whom it texts."""
    names = ("gateway", *PROCESSES)
    return {f"log of {name}": [(deployment.folder / f"{name}.log").read_bytes()] for name in names}


def _metrics(deployment: Deployment, token: str) -> dict[str, list[bytes]]:
    found = {}
    for name in PROCESSES:
        port = deployment.env[f"{name.upper()}_METRICS_PORT"]
        found[f"metrics of {name}"] = [httpx.get(f"http://127.0.0.1:{port}/metrics").content]
    found["metrics of gateway"] = [
        httpx.get(
            f"{deployment.env['PUBLIC_URL']}/metrics", headers={"Authorization": f"Bearer {token}"}
        ).content
    ]
    assert [name for name, parts in found.items() if b"# HELP" not in parts[0]] == []
    return found


def _valkey(deployment: Deployment) -> dict[str, list[bytes]]:
    redis = Redis.from_url(deployment.env["REDIS_URL"])
    try:
        return {"valkey keys and values": [b"%r %r" % (key, redis.dump(key)) for key in redis.scan_iter()]}
    finally:
        redis.close()


async def _records(deployment: Deployment) -> list[ConsumerRecord]:
    """Every record of every topic and changelog."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=deployment.env["KAFKA_BOOTSTRAP_SERVERS"],
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    await consumer.start()
    found: list[ConsumerRecord] = []
    try:
        consumer.subscribe(topics=[name for name in await consumer.topics() if not name.startswith("__")])
        while not consumer.assignment():
            await consumer.getmany(timeout_ms=100)
        ends = await consumer.end_offsets(consumer.assignment())
        await consumer.seek_to_beginning()
        while any([await consumer.position(tp) < end for tp, end in ends.items()]):
            for records in (await consumer.getmany(timeout_ms=200)).values():
                found += records
    finally:
        await consumer.stop()
    return found


def _letters(records: list[ConsumerRecord]) -> Iterator[bytes]:
    """Dead letters without the payload, which is kept to be sent again."""
    for record in records:
        if record.topic == "dead-letters" and record.key != OURS:
            letter = decode(record.topic, record.value)
            yield f"{letter.topic} {letter.reason} {letter.key!r}".encode()


def _secrets(parts: list[bytes]) -> set[bytes]:
    return {match.group() for part in parts for match in SECRET.finditer(part)}


def _is_where_it_belongs(people: list[Person], records: list[ConsumerRecord]) -> None:
    """The search finds what is there: every number, name and word stood somewhere in the topics."""
    there = b"\n".join(record.value for record in records if record.value)
    found = {match.group().decode() for match in SECRET.finditer(there)}
    found = {one.removeprefix("1") for one in found}
    missing = [secret for person in people for secret in person.secrets if secret not in found]
    assert missing == []
    assert len(people) >= KINDS
