"""The gate in Redis: asked for several texts in one round trip. Down, cold or unclear means no send."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import RedisError

from runtime import gate_keys as keys
from runtime.config import Config
from schemas.deliveries import Delivery
from schemas.journal import Claimed
from schemas.phone_states import EndedState, StopState

CAP = 6
KEEP_CAP_S = 172_800
VOID = """
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('SADD', KEYS[2], ARGV[1])
redis.call('PEXPIRE', KEYS[2], ARGV[2])
return 1
"""
"""Lua: make a claim impossible that never passed the gate; 0 if it did."""
FREE = """
local holder = redis.call('GET', KEYS[1])
if holder == ARGV[1] or holder == 'poison:' .. ARGV[1] then redis.call('DEL', KEYS[1]) end
"""
"""Lua: let go of a claim, or of the poison that a rebuild put in its place."""
BEGIN = """
if redis.call('GET', KEYS[1]) == ARGV[1] and redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
redis.call('SET', KEYS[1], ARGV[1])
return redis.call('INCR', KEYS[2])
"""
"""Lua: a server of another run id, or one that lost its data, begins a new epoch: cold until rebuilt."""
KEEP_MS = 30 * 86_400_000
SCRIPT = (Path(__file__).parent / "gate.lua").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Verdict:
    """``ok``; ``wait`` so many seconds, keeping the claim; or ``no`` with the reason."""

    word: str
    reason: str = ""
    wait_s: float = 0.0


class GateAway(Exception):
    """Redis did not answer: nothing may be sent."""


async def on_connect(connection: AbstractConnection) -> None:
    """On every new connection, before any other command: has the server lost its memory?"""
    await connection.on_connect()
    await connection.send_command("INFO", "server")
    info = str(await connection.read_response() or "")
    run = next(line.split(":", 1)[1].strip() for line in info.splitlines() if line.startswith("run_id:"))
    await connection.send_command("EVAL", BEGIN, 2, keys.RUN, keys.EPOCH, run)
    await connection.read_response()


class Gate:
    """What the sender asks of Redis, and tells it."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._redis: Redis = Redis.from_url(
            config.redis_url,
            socket_timeout=1,
            socket_connect_timeout=1,
            decode_responses=True,
            redis_connect_func=on_connect,
        )
        self._judge = self._redis.register_script(SCRIPT)
        self._raise = self._redis.register_script(keys.RAISE)
        self._void = self._redis.register_script(VOID)
        self._pause = self._redis.register_script(keys.PAUSE)
        self._waiting: list[tuple[dict[str, Any], asyncio.Future[Verdict]]] = []

    async def judge(self, delivery: Delivery, claim: Claimed) -> Verdict:
        """The verdict on a claimed text. Raises ``GateAway``."""
        future: asyncio.Future[Verdict] = asyncio.get_running_loop().create_future()
        self._waiting.append((self._request(delivery, claim), future))
        if len(self._waiting) == 1:
            asyncio.get_running_loop().call_soon(lambda: asyncio.ensure_future(self._ask()))
        return await future

    async def _ask(self) -> None:
        """One round trip for all that asked in this turn of the loop."""
        waiting, self._waiting = self._waiting, []
        requests = msgspec.json.encode([request for request, _ in waiting]).decode()
        try:
            raw = await self._judge(args=[self._config.partitions, requests])
            answers = msgspec.json.decode(raw)
        except (RedisError, OSError, TimeoutError) as error:
            for _, future in waiting:
                if not future.done():
                    future.set_exception(GateAway(type(error).__name__))
            return
        for (_, future), (word, detail) in zip(waiting, answers, strict=True):
            if not future.done():
                future.set_result(_verdict(word, detail))

    def _request(self, delivery: Delivery, claim: Claimed) -> dict[str, Any]:
        text, config = delivery.text, self._config
        return {
            "text_id": text.text_id,
            "claim": claim.claim_id,
            "id": f"{text.text_id}#{claim.attempt}",
            "ref": text.phone_ref,
            "workspace": text.workspace_id or "",
            "ended": keys.ended_field(text.workspace_id, text.person_id),
            "event": f"{text.workspace_id}/{text.event_id}",
            "consent_at": keys.ms(delivery.consent_at) if delivery.consent_at else 0,
            "counts": delivery.counts_to_cap,
            "counted": delivery.counted_ids,
            "cap": CAP,
            "keep_cap": self._keep_cap_ms(delivery),
            "not_after": keys.ms(delivery.not_after),
            "drain": int(config.drain_s * 1000),
            "segments": max(text.segments, 1),
            "rates": {"account": config.account_rate_per_s, "number": config.number_rate_per_s},
            **({"token": delivery.reply_token} if delivery.reply_token else {}),
        }

    @staticmethod
    def _keep_cap_ms(delivery: Delivery) -> int:
        latest = max(delivery.starts_at or delivery.not_after, delivery.not_after)
        return int((latest - delivery.released_at).total_seconds() + KEEP_CAP_S) * 1000

    async def drained(self, phone_ref: str, claim_id: str) -> None:
        """A send is over: it no longer holds up a STOP. A failure is harmless, the mark ends by itself."""
        try:
            await self._redis.zrem(keys.drain_key(phone_ref), claim_id)
        except (RedisError, OSError):
            return

    async def free(self, claim: Claimed, *, counted: bool = False) -> None:
        """A claim is over and must never pass again; its attempt leaves the cap unless it stays counted.

        Raises ``RedisError``.
        """
        text = claim.text
        event, attempt = f"{text.workspace_id}/{text.event_id}", f"{text.text_id}#{claim.attempt}"
        pipe = self._redis.pipeline(transaction=True)
        pipe.eval(FREE, 1, f"claim:{text.text_id}", claim.claim_id)
        pipe.sadd(f"dead:{text.text_id}", claim.claim_id)
        pipe.pexpire(f"dead:{text.text_id}", KEEP_MS)
        if claim.counts_to_cap and not counted:
            pipe.srem(f"cap:{event}", attempt)
            pipe.sadd(f"free:{event}", attempt)
            pipe.pexpire(f"free:{event}", KEEP_MS)
        await pipe.execute()

    async def void(self, claim: Claimed) -> bool:
        """Make a claim that never reached the gate impossible; False if it did. Raises ``RedisError``."""
        name = claim.text.text_id
        return bool(await self._void(keys=[f"claim:{name}", f"dead:{name}"], args=[claim.claim_id, KEEP_MS]))

    async def tell(self, states: Iterable[StopState | EndedState]) -> None:
        """Raise the maxima of phones. Raises ``RedisError``."""
        for state in states:
            values = _maxima(state)
            if values:
                await self._raise(keys=[keys.phone_key(state.phone_ref)], args=values)

    async def stop_phone(self, phone_ref: str, at: datetime) -> None:
        """The carrier refused because of an opt-out."""
        await self._raise(keys=[keys.phone_key(phone_ref)], args=["stop", keys.ms(at)])

    async def pause(self, workspace_id: str, *, paused: bool, at: datetime) -> None:
        """A pause or its end, unless a later word is known."""
        await self._pause(keys=[keys.PAUSED], args=[workspace_id, keys.ms(at), int(paused)])

    @property
    def redis(self) -> Redis:
        """The connection, for the rebuild."""
        return self._redis

    async def close(self) -> None:
        """Disconnect."""
        await self._redis.aclose()


def _verdict(word: str, detail: Any) -> Verdict:
    if word == "wait":
        return Verdict("wait", wait_s=max(float(detail), 1) / 1000)
    return Verdict(word, reason="" if word == "ok" else str(detail))


def _maxima(state: StopState | EndedState) -> list[str | int]:
    if isinstance(state, EndedState):
        return [keys.ended_field(state.workspace_id, state.person_id), keys.ms(state.ended_at)]
    facts = (("stop", state.stop_at), ("start", state.start_at), ("hold", state.hold_at))
    return [part for name, at in facts if at is not None for part in (name, keys.ms(at))]
