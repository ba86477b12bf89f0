"""A whole deployment for one test: servers, processes to kill and start, upstream, and what came out."""

import asyncio
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from devstack import Stack, ports
from rules.disclosures import sha256
from runtime import topics_admin
from runtime.config import Config
from runtime.kafka import Publisher
from schemas.base import Message
from schemas.topics import decode

FAST = {
    "PARTITIONS": "4",
    "STORE": "memory",
    "SESSION_TIMEOUT_S": "6",
    "SETTLING_S": "1",
    "REMINDER_LEADS_S": "4",
    "AT_ONCE_BEFORE_START_S": "0",
    "TICK_RETRY_S": "1",
    "ACCOUNT_RATE_PER_S": "100",
    "NUMBER_RATE_PER_S": "100",
    "QUIET_S": "6",
    "CONNECT_TIMEOUT_S": "1",
    "READ_TIMEOUT_S": "2",
    "LIST_INTERVAL_S": "1",
    "LIST_PER_MINUTE": "600",
    "SIMULATOR_LISTS_PER_MIN": "0",
    "ENVIRONMENT": "demo",
    "REMINDERS_TESTING": "1",
}


class Deployment:
    """Kafka and Valkey in ``folder``; processes by name (``worker-1``), each with its own data."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.stack = Stack(folder / "servers", environ={})
        self.settings = settings
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.env: dict[str, str] = {}

    def start_servers(self) -> None:
        addresses = self.stack.start()
        gateway, simulator = ports.choose(2)
        path = secrets.token_hex(8)
        self.env = {
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            "KAFKA_BOOTSTRAP_SERVERS": addresses.kafka,
            "REDIS_URL": addresses.redis,
            "RECORDS_URL": f"sqlite:///{self.folder / 'records.sqlite'}",
            "PUBLIC_URL": f"http://127.0.0.1:{gateway}",
            "GATEWAY_PORT": str(gateway),
            "WEBHOOK_SECRETS": path,
            "PLIVO_API_BASE": f"http://127.0.0.1:{simulator}",
            "PLIVO_AUTH_ID": "MASIMULATOR000000000",
            "PLIVO_AUTH_TOKEN": "simulator-token",
            "SIMULATOR_PORT": str(simulator),
            "SIMULATOR_AUTH_ID": "MASIMULATOR000000000",
            "SIMULATOR_AUTH_TOKEN": "simulator-token",
            "SIMULATOR_LEDGER": str(self.folder / "carrier.jsonl"),
            "SIMULATOR_MESSAGE_URL": f"http://127.0.0.1:{gateway}/webhooks/plivo/{path}/inbound",
            **FAST,
            **self.settings,
        }
        asyncio.run(topics_admin.ensure(self.config))

    @property
    def config(self) -> Config:
        return Config.from_env(self.env)

    def start(self, *names: str, **env: str) -> None:
        """Start processes: the part of a name before ``-`` is the command."""
        for name in names:
            data = self.folder / "data" / name
            data.mkdir(parents=True, exist_ok=True)
            log = (self.folder / f"{name}.log").open("ab")
            self.running[name] = subprocess.Popen(
                [sys.executable, "-m", "cli.main", name.partition("-")[0]],
                env={**self.env, "DATA_DIR": str(data), **env},
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )
            log.close()

    def kill(self, name: str) -> None:
        """End a process as a crash would."""
        self.running[name].kill()
        self.running.pop(name).wait(timeout=10)

    def stop(self, name: str, *, timeout_s: float = 30) -> int:
        """End a process in order; returns its exit code."""
        process = self.running.pop(name)
        process.send_signal(signal.SIGTERM)
        return process.wait(timeout=timeout_s)

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def wait_ready(self, timeout_s: float = 180) -> None:
        """Return when the gateway and simulator answer."""
        urls = [f"{self.env['PLIVO_API_BASE']}/admin/health", f"{self.env['PUBLIC_URL']}/ready"]
        until = time.monotonic() + timeout_s
        while urls and time.monotonic() < until:
            urls = [url for url in urls if not _answers(url)]
            time.sleep(0.1)
        assert not urls, f"no answer from {urls}: {self.tails()}"

    def tails(self) -> str:
        return "\n".join(f"--- {log.name}\n{log.read_text()[-1500:]}" for log in self.folder.glob("*.log"))

    def end(self) -> None:
        for process in self.running.values():
            process.kill()
        for process in self.running.values():
            process.wait(timeout=10)
        self.stack.stop(wipe=True)

    # --- what upstream does, and what came out

    async def publish(self, *records: tuple[str, bytes | None]) -> None:
        """Publish raw records to topics, as any client would."""
        producer = AIOKafkaProducer(bootstrap_servers=self.env["KAFKA_BOOTSTRAP_SERVERS"])
        await producer.start()
        try:
            waiting = [await producer.send(topic, value, key=b"upstream") for topic, value in records]
            await asyncio.gather(*waiting)
        finally:
            await producer.stop()

    async def tell(self, *messages: Message) -> None:
        """Publish messages to the topics they belong to."""
        publisher = Publisher(self.config)
        await publisher.start()
        try:
            await publisher.publish(messages)
        finally:
            await publisher.stop()

    async def read(
        self,
        *topics: str,
        until: Callable[[list[Any]], bool],
        timeout_s: float = 60,
        explain: Callable[[list[Any]], str] | None = None,
    ) -> list[Any]:
        """All messages of the topics from the beginning, once ``until`` says that they are enough."""
        consumer = AIOKafkaConsumer(
            *topics,
            bootstrap_servers=self.env["KAFKA_BOOTSTRAP_SERVERS"],
            auto_offset_reset="earliest",
            enable_auto_commit=False,
        )
        await consumer.start()
        seen: list[Any] = []
        try:
            async with asyncio.timeout(timeout_s):
                while not until(seen):
                    for records in (await consumer.getmany(timeout_ms=200)).values():
                        seen += [message for record in records for message in _readable(record)]
        except TimeoutError:
            reason = explain(seen) if explain else f"{len(seen)} messages"
            raise AssertionError(f"not seen in {timeout_s} s: {reason}\n{self.tails()}") from None
        finally:
            await consumer.stop()
        return seen

    async def replies(self, phone: str, text: str) -> None:
        """Have a phone text us."""
        async with httpx.AsyncClient() as web:
            url = f"{self.env['PLIVO_API_BASE']}/admin/replies"
            (await web.post(url, json={"from": phone, "text": text})).raise_for_status()


def _readable(record: Any) -> list[Any]:
    try:
        return [decode(record.topic, record.value or b"")]
    except msgspec.DecodeError:
        return []


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=1).is_success
    except httpx.HTTPError:
        return False


# --- records as upstream writes them


def booking(
    booking_id: str, phone: str | None, *, starts_in_s: float, revision: int = 1, **fields: Any
) -> bytes:
    starts_at = datetime.now(UTC) + timedelta(seconds=starts_in_s)
    record = {
        "type": "booking",
        "message_id": f"{booking_id}-{revision}",
        "workspace_id": "acme",
        "workspace_name": "Acme Research",
        "study_id": "s1",
        "booking_id": booking_id,
        "person_id": f"person-{booking_id}",
        "revision": revision,
        "status": "booked",
        "starts_at": starts_at.isoformat(),
        "zone": "America/New_York",
        "phone": phone,
    }
    return json.dumps({**record, **fields}).encode()


def consent(booking_id: str, phone: str, **fields: Any) -> bytes:
    record = {
        "type": "consent-change",
        "message_id": f"consent-{booking_id}-{phone}",
        "action": "grant",
        "source": "upstream",
        "workspace_id": "acme",
        "person_id": f"person-{booking_id}",
        "phone": phone,
        "scope": "event",
        "event_id": booking_id,
        "evidence": {
            "disclosure_version": "upstream-1",
            "disclosure_sha256": sha256("You agree to be texted."),
            "disclosure_text": "You agree to be texted.",
            "act": "upstream",
            "phone_typed": phone,
        },
        "at": datetime.now(UTC).isoformat(),
    }
    return json.dumps({**record, **fields}).encode()


def setting(name: str, value: Any, revision: int = 1, **fields: Any) -> bytes:
    record = {
        "type": "setting",
        "message_id": f"{name}-{revision}",
        "workspace_id": "acme",
        "name": name,
        "value": value,
        "revision": revision,
        "actor": "admin@example.org",
        "at": datetime.now(UTC).isoformat(),
    }
    return json.dumps({**record, **fields}).encode()


def phone(n: int) -> str:
    return f"+1330823{n:04d}"
