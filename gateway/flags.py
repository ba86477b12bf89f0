"""Flags that silence a phone at once, in the sender's gate. They only grow: anyone may repeat them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from socket import gethostname
from typing import Any, Literal, Protocol

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from runtime import gate_keys
from runtime.config import Config

FlagName = Literal["stop", "hold", "ended"]
AWAY = (RedisError, OSError, TimeoutError)
"""What flags raise when Redis does not answer."""


@dataclass(frozen=True, kw_only=True)
class Flag:
    """``stop`` and ``hold`` of a phone; ``ended`` of a phone, or of a workspace and person on it."""

    name: FlagName
    phone_ref: str
    at: datetime
    workspace_id: str | None = None
    person_id: str | None = None


class Flags(Protocol):
    """The gate's flags and the marks of sends under way. Every method may raise one of ``AWAY``."""

    async def raise_to(self, flag: Flag) -> None:
        """Return when the flag stands at this time or a later one."""

    async def sending(self, phone_refs: Collection[str]) -> set[str]:
        """The phones among them to which a send passed the gate and is not over."""

    async def first_receipt(self, inbound_uuid: str, now: datetime) -> datetime:
        """When this reply first came: ``now`` unless it came before."""

    async def pause(self, workspace_id: str, *, paused: bool, at: datetime) -> None:
        """Pause or resume the sends of a workspace, or of all of them (``all``)."""

    async def epoch(self) -> str | None:
        """The epoch of Redis: another one after each loss of its memory; None before the first."""

    async def say_behind(self, epoch: str) -> None:
        """Have the sender wait: flags of ours are missing in this epoch."""

    async def say_through(self, epoch: str) -> None:
        """Let the sender go on: our flags stand in this epoch."""

    async def reachable(self) -> bool:
        """Whether Redis answers now; never raises."""


class Gate:
    """``Flags`` in Redis, where the sender asks before each send."""

    def __init__(self, config: Config) -> None:
        self._redis: Any = Redis.from_url(
            config.redis_url,
            socket_timeout=config.redis_timeout_s,
            socket_connect_timeout=config.redis_timeout_s,
            retry=Retry(NoBackoff(), 1),  # a connection that died while idle
        )
        self._name = f"{gethostname()}:{config.gateway_port}"  # the same after a restart
        self._drain_ms = int(config.drain_s * 1000)
        self._remembered_s = int(config.receipt_memory_s)
        self._raise = self._redis.register_script(gate_keys.RAISE)
        self._pause = self._redis.register_script(gate_keys.PAUSE)
        self._sending = self._redis.register_script(gate_keys.SENDING)

    async def close(self) -> None:
        """Disconnect."""
        await self._redis.aclose()

    async def raise_to(self, flag: Flag) -> None:
        """Return when the flag stands at this time or a later one."""
        field = (
            gate_keys.ended_field(flag.workspace_id, flag.person_id) if flag.name == "ended" else flag.name
        )
        await self._raise(keys=[gate_keys.phone_key(flag.phone_ref)], args=[field, gate_keys.ms(flag.at)])

    async def sending(self, phone_refs: Collection[str]) -> set[str]:
        """The phones among them to which a send passed the gate and is not over."""
        keys = [*(gate_keys.drain_key(ref) for ref in phone_refs), gate_keys.EPOCH]
        counts = await self._sending(keys=keys, args=[self._drain_ms])
        return {ref for ref, count in zip(phone_refs, counts, strict=True) if int(count) > 0}

    async def first_receipt(self, inbound_uuid: str, now: datetime) -> datetime:
        """When this reply first came, in whole milliseconds: ``now`` unless it came before."""
        key, now_ms = gate_keys.seen_key(inbound_uuid), gate_keys.ms(now)
        known = await self._redis.set(key, now_ms, nx=True, get=True, ex=self._remembered_s)
        return datetime.fromtimestamp((now_ms if known is None else int(known)) / 1000, UTC)

    async def pause(self, workspace_id: str, *, paused: bool, at: datetime) -> None:
        """Pause or resume the sends of a workspace, or of all of them (``all``)."""
        await self._pause(keys=[gate_keys.PAUSED], args=[workspace_id, gate_keys.ms(at), int(paused)])

    async def epoch(self) -> str | None:
        """The epoch of Redis: another one after each loss of its memory; None before the first."""
        epoch = await self._redis.get(gate_keys.EPOCH)
        return None if epoch is None else epoch.decode()

    async def say_behind(self, epoch: str) -> None:
        """Have the sender wait: flags of ours are missing in this epoch."""
        await self._redis.sadd(gate_keys.behind_key(epoch), self._name)

    async def say_through(self, epoch: str) -> None:
        """Let the sender go on: our flags stand in this epoch."""
        await self._redis.srem(gate_keys.behind_key(epoch), self._name)

    async def reachable(self) -> bool:
        """Whether Redis answers now; never raises."""
        try:
            return bool(await self._redis.ping())
        except AWAY:
            return False
