"""The gateway as a process of its own on real servers, and what came out of it."""

import asyncio
import os
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import Any

import httpx
from aiokafka import AIOKafkaConsumer

from devstack import Addresses, ports
from rules.ids import phone_ref
from runtime.config import Config
from schemas.ledger import ConsentFact
from schemas.sms import InboundSms
from schemas.topics import decode
from tests.gateway.webhook_posts import form, signed

START = [sys.executable, "-c", "from gateway.process import main; main()"]


class Running:
    """One gateway at a time over the same data; ended with the test."""

    def __init__(self, folder: Path, addresses: Addresses) -> None:
        [port] = ports.choose(1)
        self.url, self.folder = f"http://127.0.0.1:{port}", folder
        self.env = {
            "PATH": os.environ["PATH"],
            "ENVIRONMENT": "demo",
            "KAFKA_BOOTSTRAP_SERVERS": addresses.kafka,
            "REDIS_URL": addresses.redis,
            "RECORDS_URL": f"sqlite:///{folder / 'records.sqlite'}",
            "DATA_DIR": str(folder / "data"),
            "PARTITIONS": "4",
            "GATEWAY_PORT": str(port),
            "WEBHOOK_SECRETS": "path-new",
            "WEBHOOK_TIMEOUT_S": "1",
            "KAFKA_TIMEOUT_S": "1",
            "SPOOL_INTERVAL_S": "0.2",
            "RECONNECT_S": "0.2",
        }
        self.config = Config.from_env(self.env)
        self.process: subprocess.Popen[bytes] | None = None
        self.web = httpx.Client(base_url=self.url, timeout=10)

    def start(self, *, ready: bool = True) -> None:
        """Start, and wait until it answers, or with ``ready`` until all its servers do."""
        with (self.folder / "gateway.log").open("ab") as log:
            self.process = subprocess.Popen(START, env=self.env, stdout=log, stderr=log)
        until(lambda: self.answers("/ready" if ready else "/health"))

    def answers(self, path: str) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log()
        try:
            return self.web.get(path).status_code == 200
        except httpx.TransportError:
            return False

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def end(self) -> int:
        """End it as an operator would; its exit status."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=15)

    def close(self) -> None:
        self.web.close()
        if self.process is not None and self.process.poll() is None:
            self.kill()

    def post(self, path: str, fields: dict[str, str], **how: str) -> int:
        """Send a webhook as the carrier signs it; the status of the answer."""
        body, headers = signed(path, fields, **how)
        return self.web.post(path, content=body, headers=headers).status_code

    def spooled(self) -> int:
        return len(list((self.folder / "data" / "spool").glob("*.message")))

    def log(self) -> str:
        return (self.folder / "gateway.log").read_text()


def until(is_so: Any, timeout_s: float = 30) -> None:
    """Return when it is so."""
    end = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < end, "it never came to be so"
        time.sleep(0.05)


async def read(kafka: str, topic: str) -> list[tuple[int, Any]]:
    """All of a topic as (partition, message)."""
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=kafka, auto_offset_reset="earliest")
    await consumer.start()
    try:
        ends = await consumer.end_offsets(list(consumer.assignment()))
        found: list[tuple[int, Any]] = []
        while any([await consumer.position(place) < end for place, end in ends.items()]):
            for place, records in (await consumer.getmany(timeout_ms=200)).items():
                found += [(place.partition, decode(topic, record.value)) for record in records]
        return found
    finally:
        await consumer.stop()


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
