"""One Kafka broker, which is also a controller (KRaft), out of a cluster of one or three on this machine."""

import asyncio
import base64
import subprocess
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from devstack import jars, java, ports
from devstack.errors import StackError

_JVM = ["-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:+ExitOnOutOfMemoryError"]
_LOG_SETTINGS = {
    "defaultLogLevel": "info",
    "showDateTime": "true",
    "dateTimeFormat": "yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
}
_LOGGING = [f"-Dorg.slf4j.simpleLogger.{key}={value}" for key, value in _LOG_SETTINGS.items()]


@dataclass(frozen=True)
class Seat:
    """The two ports of a broker: for clients, and for the controllers among themselves."""

    client_port: int
    controller_port: int


@dataclass(frozen=True)
class Broker:
    """Broker `number` (from 1) of the cluster whose seats are given; its data lie in `data`."""

    number: int
    seats: tuple[Seat, ...]
    cluster_id: str
    data: Path

    @property
    def name(self) -> str:
        """What its log and its entry in the state are called."""
        return f"kafka-{self.number}"

    @property
    def address(self) -> str:
        """Where clients reach it."""
        return f"{ports.HOST}:{self._seat.client_port}"

    def prepare(self) -> None:
        """Write its settings; format its storage if that is new."""
        self.data.mkdir(parents=True, exist_ok=True)
        self._settings.write_text(self.properties(), encoding="utf-8")
        if not (self.data / "log" / "meta.properties").exists():
            self._format()

    def command(self) -> list[str]:
        """What to run."""
        return [*_java(), *_LOGGING, "kafka.Kafka", str(self._settings)]

    def answers(self) -> bool:
        """Whether a client finds this broker in its own metadata, so that it serves and is not fenced."""
        if not ports.answers(ports.HOST, self._seat.client_port):
            return False
        with ThreadPoolExecutor(1) as beside:  # the caller may be inside an event loop
            return self.number in beside.submit(asyncio.run, _known_brokers(self.address)).result()

    def properties(self) -> str:
        """Its `server.properties`."""
        size = len(self.seats)
        copies = {
            f"{topic}.replication.factor": size
            for topic in ("offsets.topic", "transaction.state.log", "share.coordinator.state.topic")
        }
        voters = [f"{n}@{ports.HOST}:{seat.controller_port}" for n, seat in enumerate(self.seats, start=1)]
        lines = (
            _FIXED
            | copies
            | {
                "node.id": self.number,
                "log.dirs": self.data / "log",
                "listeners": f"PLAINTEXT://{self.address},CONTROLLER://{ports.HOST}:{self._seat.controller_port}",
                "controller.quorum.voters": ",".join(voters),
                "default.replication.factor": size,
                "transaction.state.log.min.isr": min(size, 2),
                "share.coordinator.state.topic.min.isr": min(size, 2),
            }
        )
        return "".join(f"{key}={value}\n" for key, value in lines.items())

    @property
    def _seat(self) -> Seat:
        return self.seats[self.number - 1]

    @property
    def _settings(self) -> Path:
        return self.data / "server.properties"

    def _format(self) -> None:
        tool = [*_java(), "kafka.tools.StorageTool", "format", "--ignore-formatted"]
        done = subprocess.run(
            [*tool, f"--cluster-id={self.cluster_id}", f"--config={self._settings}"],
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        if done.returncode:
            raise StackError(f"Could not format the storage of {self.name}: {done.stdout}{done.stderr}")


_FIXED: dict[str, object] = {
    "process.roles": "broker,controller",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "auto.create.topics.enable": "false",
    "group.initial.rebalance.delay.ms": 200,
    "group.min.session.timeout.ms": 1_000,  # tests kill group members and wait for the others to notice
    "offsets.topic.num.partitions": 8,
    "transaction.state.log.num.partitions": 8,
    "share.coordinator.state.topic.num.partitions": 4,
    # a killed leader is noticed after this; the default is 9 s
    "broker.session.timeout.ms": 5_000,
    "broker.heartbeat.interval.ms": 1_000,
    # small, as everything here runs on one desk
    "num.network.threads": 2,
    "num.io.threads": 4,
    "num.recovery.threads.per.data.dir": 2,
    "log.cleaner.dedupe.buffer.size": 16 * 1024 * 1024,
}


def new_cluster_id() -> str:
    """A fresh id in Kafka's form: 16 bytes in URL-safe base64, never with a leading dash."""
    first, *rest = uuid.uuid4().bytes
    return base64.urlsafe_b64encode(bytes([first & 0x7F, *rest])).decode().rstrip("=")


@cache
def _java() -> tuple[str, ...]:
    """The JVM with Kafka on its class path."""
    return (java.find(), *_JVM, "-cp", jars.classpath())


async def _known_brokers(address: str) -> frozenset[int]:
    """The numbers of all live brokers, as the one at `address` knows them; none if it does not answer."""
    admin = AIOKafkaAdminClient(bootstrap_servers=address, request_timeout_ms=3_000)
    try:
        await admin.start()
        cluster = await admin.describe_cluster()
    except (KafkaError, OSError):
        return frozenset()
    finally:
        await admin.close()
    return frozenset(broker["node_id"] for broker in cluster["brokers"])
