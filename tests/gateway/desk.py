"""An edge without servers: publisher, flags and records in memory, a clock that stands."""

import asyncio
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from redis.exceptions import ConnectionError as RedisConnectionError
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from archive.process import keys_of
from gateway.auth import read_tokens
from gateway.drain import Drains
from gateway.edge import Edge, limits_of
from gateway.flags import Flag
from gateway.spool import Spool
from records.own_tables import metadata
from records.writes import write
from runtime.config import Config
from schemas.base import Message, encode
from schemas.topics import TOPIC_OF, decode

NOW = datetime(2030, 5, 6, 14, 0, tzinfo=UTC)
OURS, PHONE, OTHER_PHONE = "+13306619491", "+12025550123", "+13125550188"
ACCOUNT_TOKEN = "example-token"
TOKENS = {"acme-upstream": "acme:upstream", "acme-admin": "acme:admin", "acme-reader": "acme:reader"}
TOKENS |= {"acme-coordinator": "acme:coordinator", "any-admin": "*:admin", "birch-upstream": "birch:upstream"}


class Paper:
    """Takes messages as Kafka would: only what its topic's readers can decode. Away while told so."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.error: Exception | None = None

    async def publish(self, messages: Iterable[Message]) -> None:
        if self.error is not None:
            raise self.error
        for message in messages:
            assert decode(TOPIC_OF[type(message)].name, encode(message)) == message
            self.messages.append(message)

    async def reachable(self) -> bool:
        return self.error is None

    def of(self, kind: type[Message]) -> list[Any]:
        return [message for message in self.messages if isinstance(message, kind)]


class Board:
    """Flags in memory; ``away`` as if Redis were down."""

    def __init__(self) -> None:
        self.raised: list[Flag] = []
        self.under_way: set[str] = set()
        self.asked: list[int] = []
        self.received: dict[str, datetime] = {}
        self.paused: dict[str, bool] = {}
        self.away = False
        self.now: str | None = None
        self.said: list[str] = []

    async def raise_to(self, flag: Flag) -> None:
        self._there()
        self.raised.append(flag)

    async def sending(self, phone_refs: Collection[str]) -> set[str]:
        self._there()
        self.asked.append(len(phone_refs))
        return self.under_way.intersection(phone_refs)

    async def first_receipt(self, inbound_uuid: str, now: datetime) -> datetime:
        self._there()
        return self.received.setdefault(inbound_uuid, now)

    async def pause(self, workspace_id: str, *, paused: bool, at: datetime) -> None:
        self._there()
        self.paused[workspace_id] = paused

    async def epoch(self) -> str | None:
        self._there()
        return self.now

    async def say_behind(self, epoch: str) -> None:
        self._there()
        self.said.append(f"behind {epoch} {len(self.raised)}")

    async def say_through(self, epoch: str) -> None:
        self._there()
        self.said.append(f"through {epoch} {len(self.raised)}")

    async def reachable(self) -> bool:
        return not self.away

    def _there(self) -> None:
        if self.away:
            raise RedisConnectionError("away")


class Books:
    """Records in memory."""

    def __init__(self) -> None:
        self.settings: dict[tuple[str, str | None, str], Any] = {("acme", None, "sms_enabled"): True}
        self.events: dict[str, Any] = {}
        self.texts: dict[str, Any] = {}
        self.bookings: dict[tuple[str, str], Any] = {}
        self.error: Exception | None = None
        self.tables = create_engine(
            "sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}
        )
        metadata.create_all(self.tables)

    def put(self, *messages: Message) -> None:
        """Write as the archive does, for the questions of staff's pages."""
        with self.tables.begin() as connection:
            write(connection, messages, keys_of(Config()))

    async def ask(self, question: Any) -> Any:
        self._there()
        with self.tables.connect() as connection:
            return question(connection)

    async def setting(self, workspace_id: str, study_id: str | None, name: str) -> Any:
        self._there()
        return self.settings.get((workspace_id, study_id, name))

    async def event_of_token(self, token: str) -> Any:
        self._there()
        return self.events.get(token)

    async def text(self, text_id: str) -> Any:
        self._there()
        return self.texts.get(text_id)

    async def booking(self, workspace_id: str, booking_id: str) -> Any:
        self._there()
        return self.bookings.get((workspace_id, booking_id))

    async def reachable(self) -> bool:
        return self.error is None

    def _there(self) -> None:
        if self.error is not None:
            raise self.error


@dataclass
class Desk:
    """The edge and what stands around it."""

    edge: Edge
    paper: Paper
    board: Board
    books: Books
    now: list[datetime] = field(default_factory=lambda: [NOW])

    async def settled(self) -> None:
        """Return when all flags and drains are through."""
        async with asyncio.timeout(5):
            await self.edge.drains.settled()


def desk(folder: Path, **settings: Any) -> Desk:
    tokens = ",".join(f"{sha256(token.encode()).hexdigest()}:{who}" for token, who in TOKENS.items())
    config = Config(
        data_dir=str(folder),
        webhook_secrets="path-new,path-old",
        plivo_webhook_tokens="main-token",
        api_tokens=tokens,
        drain_s=0.05,
        drain_poll_s=0.005,
        webhook_timeout_s=0.5,
        **settings,
    )
    paper, board, books, now = Paper(), Board(), Books(), [NOW]
    spool = Spool(folder / "spool")
    edge = Edge(
        config=config,
        policy=config.policy(),
        publisher=paper,
        flags=board,
        drains=Drains(config, board, paper, spool, lambda: now[0]),
        spool=spool,
        records=books,
        callers=read_tokens(config.api_tokens),
        limits=limits_of(config),
        clock=lambda: now[0],
        random_name=lambda: "form-1",
    )
    return Desk(edge, paper, board, books, now)
