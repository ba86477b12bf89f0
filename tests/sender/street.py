"""Real servers, a simulated carrier, senders to start, kill and freeze. The carrier's ledger judges."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from devstack import Addresses
from runtime import topics_admin
from runtime.config import Config
from runtime.kafka import Publisher
from runtime.routing import route
from schemas.base import Message
from schemas.delivery_events import DeliveryEvent
from schemas.journal import JournalRecord
from simulator.ledger import Accepted
from tests.logs import messages, publish_raw, rewind
from tests.sender.callbacks import Callbacks
from tests.simulator.carrier import Carrier

T = TypeVar("T")
ENDS = ("accepted", "suppressed", "expired", "rejected", "unresolved")
FAST = {
    "ENVIRONMENT": "demo",
    "PARTITIONS": "4",
    "SESSION_TIMEOUT_S": "4",
    "REBALANCE_TIMEOUT_S": "6",
    "REVOKE_WAIT_S": "3",
    "ACCOUNT_RATE_PER_S": "200",
    "NUMBER_RATE_PER_S": "200",
    "READ_TIMEOUT_S": "1",
    "CONNECT_TIMEOUT_S": "1",
    "CLAIM_VALID_S": "3",
    "CLAIM_DEADLINE_S": "1",
    "DRAIN_S": "1",
    "QUIET_S": "4",
    "LIST_INTERVAL_S": "0.5",
    "LIST_PER_MINUTE": "600",
    "REMINDERS_TESTING": "1",
}


def eventually(look: Callable[[], T], timeout_s: float = 30.0, *, otherwise: Callable[[], str] = str) -> T:
    """The first true thing that ``look`` gives."""
    end = time.monotonic() + timeout_s
    while not (seen := look()):
        assert time.monotonic() < end, f"waited in vain. {otherwise()}"
        time.sleep(0.05)
    return seen


class Street:
    """One set of servers; senders by name, each with settings of its own."""

    def __init__(self, folder: Path, servers: Addresses, carrier: Carrier, callbacks: Callbacks) -> None:
        self.folder, self.carrier, self.callbacks = folder, carrier, callbacks
        self.env = {
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            **FAST,
            "KAFKA_BOOTSTRAP_SERVERS": servers.kafka,
            "REDIS_URL": servers.redis,
            "PLIVO_API_BASE": carrier.url,
            "PLIVO_AUTH_ID": carrier.settings.auth_id,
            "PLIVO_AUTH_TOKEN": carrier.settings.auth_token,
            "PUBLIC_URL": callbacks.url,
        }
        self.senders: dict[str, subprocess.Popen[bytes]] = {}
        self.spoilt: set[str] = set()
        """Texts that a planted fault sent wrongly."""
        asyncio.run(topics_admin.ensure(self.config))
        callbacks.connect(self.config)

    @property
    def config(self) -> Config:
        """The settings that senders get."""
        return Config.from_env(self.env)

    # --- senders

    def start(self, name: str = "sender", **env: str) -> subprocess.Popen[bytes]:
        """Start a sender process."""
        with (self.folder / f"{name}.log").open("ab") as log:
            self.senders[name] = subprocess.Popen(
                [sys.executable, "-m", "sender.process"],
                env={**self.env, **env},
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )
        return self.senders[name]

    def kill(self, name: str = "sender") -> None:
        """End a sender as a crash would."""
        self.senders[name].kill()
        self.senders.pop(name).wait(timeout=10)

    def stop(self, name: str = "sender", timeout_s: float = 30) -> int:
        """End a sender in order; its exit code."""
        self.senders[name].send_signal(signal.SIGTERM)
        return self.senders.pop(name).wait(timeout=timeout_s)

    def stop_all(self) -> None:
        """End every sender, in order if it can."""
        for process in self.senders.values():
            process.send_signal(signal.SIGCONT)
            process.terminate()
        for process in self.senders.values():
            try:
                process.wait(timeout=8)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(timeout=10)
        self.senders.clear()

    def log(self, name: str = "sender") -> str:
        """All that a sender of this name has logged."""
        return (self.folder / f"{name}.log").read_text()

    def logs(self) -> str:
        """The ends of all logs."""
        return "\n".join(f"{log.name}: {log.read_text()[-2500:]}" for log in self.folder.glob("*.log"))

    # --- what goes in and comes out

    def publish(self, *messages: Message) -> None:
        """As the worker, or anyone, would."""
        asyncio.run(self._publish(messages))

    async def _publish(self, messages: Iterable[Message]) -> None:
        publisher = Publisher(self.config)
        try:
            await publisher.start()
            await publisher.publish(messages)
        finally:
            await publisher.stop()

    def publish_raw(self, topic: str, *values: bytes) -> None:
        """Bytes as they are, into each partition."""
        places = [(n, value) for value in values for n in range(self.config.partitions)]
        asyncio.run(publish_raw(self.config, topic, places))

    def publish_in_place(self, message: Message, *, elsewhere: int) -> None:
        """A message so many partitions from its own."""
        r = route(message, self.config.partitions)
        place = ((r.partition or 0) + elsewhere) % self.config.partitions
        asyncio.run(publish_raw(self.config, r.topic, [(place, r.value)]))

    def read(self, topic: str) -> list[Any]:
        """Everything on a topic, in the order of each partition."""
        return asyncio.run(messages(self.config, topic))

    def forget_offsets(self) -> None:
        """The groups of the sender begin again at the start of their topics; no sender may run."""
        for group, topic in (
            ("sender", "sms-deliveries"),
            ("projector", "sms-journal"),
            ("reports", "delivery-reports"),
        ):
            asyncio.run(rewind(self.config, f"{self.config.app_id}-{group}", topic))

    def journal(self, text_id: str) -> list[JournalRecord]:
        """The journal of a text."""
        return [record for record in self.read("sms-journal") if record.text.text_id == text_id]

    def sent(self, text_id: str) -> int:
        """How often the carrier accepted a text, by the callback URL that names it."""
        return self.all_sent()[text_id]

    def all_sent(self) -> Counter[str]:
        """How often the carrier accepted each text."""
        accepted = self.carrier.ledger(Accepted)
        return Counter((entry.url or "").rpartition("/")[2].partition(".")[0] for entry in accepted)

    def events(self, text_id: str) -> list[DeliveryEvent]:
        """The public life of a text."""
        return [event for event in self.read("delivery-events") if event.text_id == text_id]

    def ends(self, *text_ids: str, timeout_s: float = 30) -> dict[str, str]:
        """How texts ended, each ``state`` or ``state reason``, once all have."""

        def look() -> dict[str, str] | None:
            wanted = set(text_ids)
            found = {
                event.text_id: f"{event.state} {event.reason or ''}".strip()
                for event in self.read("delivery-events")
                if event.text_id in wanted and event.state in ENDS
            }
            return found if wanted <= found.keys() else None

        return eventually(look, timeout_s, otherwise=self.logs)

    def end(self, text_id: str, timeout_s: float = 30) -> str:
        """How a text ended."""
        return self.ends(text_id, timeout_s=timeout_s)[text_id]


def now() -> datetime:
    """This moment."""
    return datetime.now(UTC)
