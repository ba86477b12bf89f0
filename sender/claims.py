"""What the gate remembers of claims: let go, barred, counted; and what it is told of phones and pauses."""

from collections.abc import Iterable

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

from runtime import gate_keys as keys
from schemas.journal import Claimed
from schemas.phone_states import EndedState, StopState
from schemas.settings import SettingCopy
from schemas.sms import CarrierBlock
from sender.gate import event_of

KEEP_MS = 30 * 86_400_000
LOOKS_AT_ONCE = 5
VOID = """
local epoch = redis.call('GET', KEYS[1])
if not epoch or redis.call('SISMEMBER', 'gate:rebuilt:' .. epoch, ARGV[3]) == 0 then return -1 end
local holder = redis.call('GET', KEYS[2])
if holder == ARGV[1] or holder == 'poison:' .. ARGV[1] then return 0 end
redis.call('SADD', KEYS[3], ARGV[1])
redis.call('PEXPIRE', KEYS[3], ARGV[2])
return 1
"""
"""Lua: bar a claim that never passed the gate; 0 if it did, -1 if a loss of Redis leaves it open."""
FREE = """
local holder = redis.call('GET', KEYS[1])
if holder == ARGV[1] or holder == 'poison:' .. ARGV[1] then redis.call('DEL', KEYS[1]) end
"""
"""Lua: let go of a claim, or of the poison that a rebuild put in its place."""
TAKE = """
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local at = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now - tonumber(ARGV[2]))
if at > now then return 0 end
redis.call('SET', KEYS[1], string.format('%.0f', at + tonumber(ARGV[1])), 'PX', 3600000)
return 1
"""
"""Lua: take a token of a rate, if there is one. ARGV: microseconds a token, microseconds of burst."""


def claim_key(text_id: str) -> str:
    """The claim that passed the gate."""
    return f"claim:{text_id}"


def dead_key(text_id: str) -> str:
    """The claims of a text that must never pass."""
    return f"dead:{text_id}"


class Claims:
    """Every method may raise ``RedisError``."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._void = redis.register_script(VOID)
        self._raise = redis.register_script(keys.RAISE)
        self._take = redis.register_script(TAKE)

    async def over(self, claim: Claimed) -> None:
        """The try is over: it no longer holds up a STOP."""
        await self._redis.zrem(keys.drain_key(claim.text.phone_ref), claim.claim_id)

    async def free(self, claim: Claimed, *, counted: bool = False) -> None:
        """A claim must never pass again; its attempt leaves the cap unless it stays counted."""
        text = claim.text
        event, attempt = event_of(claim), f"{text.text_id}#{claim.attempt}"
        pipe = self._redis.pipeline(transaction=True)
        pipe.eval(FREE, 1, claim_key(text.text_id), claim.claim_id)
        pipe.sadd(dead_key(text.text_id), claim.claim_id)
        pipe.pexpire(dead_key(text.text_id), KEEP_MS)
        pipe.zrem(keys.drain_key(text.phone_ref), claim.claim_id)
        if claim.counts_to_cap and not counted:
            pipe.srem(f"cap:{event}", attempt)
            pipe.sadd(f"free:{event}", attempt)
            pipe.pexpire(f"free:{event}", KEEP_MS)
        await pipe.execute()

    async def never_begun(self, claim: Claimed, partition: int) -> bool | None:
        """Bar a claim that never passed the gate: True; False if it passed; None if Redis can't know."""
        name = claim.text.text_id
        barred = await self._void(
            keys=[keys.EPOCH, claim_key(name), dead_key(name)],
            args=[claim.claim_id, KEEP_MS, partition],
        )
        return None if int(barred) < 0 else int(barred) == 1

    async def may_look(self, per_minute: int) -> bool:
        """Take one of the looks into the carrier's list that all senders share; 0: never look."""
        if per_minute <= 0:
            return False
        every_us = int(60e6 / max(per_minute - LOOKS_AT_ONCE, 1))
        return bool(await self._take(keys=["rate:list"], args=[every_us, (LOOKS_AT_ONCE - 1) * every_us]))

    async def tell(self, states: Iterable[StopState | EndedState]) -> None:
        """Raise the maxima of phones, all in one round trip."""
        pipe = self._redis.pipeline(transaction=False)
        for state in states:
            _raise(pipe, state)
        await pipe.execute()

    async def pause(self, words: Iterable[SettingCopy]) -> None:
        """Pauses and their ends, unless a later word is known."""
        pipe = self._redis.pipeline(transaction=False)
        for word in words:
            paused = 1 if word.value is True else 0
            pipe.eval(keys.PAUSE, 1, keys.PAUSED, word.workspace_id, keys.ms(word.at), paused)
        await pipe.execute()

    async def stop(self, blocks: Iterable[CarrierBlock]) -> None:
        """The carrier refused these phones because of an opt-out."""
        pipe = self._redis.pipeline(transaction=False)
        for block in blocks:
            at_ms = keys.ms(block.posted_at)
            pipe.eval(keys.RAISE, 1, keys.phone_key(block.phone_ref), "stop", at_ms)
        await pipe.execute()

    async def paused(self) -> frozenset[str]:
        """The workspaces (or ``all``) whose sends wait."""
        words = await self._redis.hgetall(keys.PAUSED)
        return frozenset(str(scope) for scope, word in words.items() if str(word).endswith(":1"))


def _raise(pipe: Pipeline, state: StopState | EndedState) -> None:
    if isinstance(state, EndedState):
        maxima = [(keys.ended_field(state.workspace_id, state.person_id), state.ended_at)]
    else:
        told = (("stop", state.stop_at), ("start", state.start_at), ("hold", state.hold_at))
        maxima = [(name, at) for name, at in told if at is not None]
    values = [part for name, at in maxima for part in (name, keys.ms(at))]
    if values:
        pipe.eval(keys.RAISE, 1, keys.phone_key(state.phone_ref), *values)
