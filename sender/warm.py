"""Redis from cold to warm: its state rebuilt from the topics, in the order that loses no opt-out.

(1) intake and settings have committed past what was published; (2) the worker has committed past the replies
and consents that came of it, and the gateways have raised the flags they spooled; (3) phone states and pauses
are told anew; (4) the whole journal is folded, attempts counted, open claims poisoned; (5) the partition is
marked.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from functools import partial

import structlog
from redis.asyncio import Redis

from runtime import gate_keys as keys
from runtime.config import Config
from runtime.failpoints import planted
from runtime.progress import GroupProgress
from schemas.topics import (
    CONSENT_CHANGES,
    CONSENTS_IN,
    INBOUND_SMS,
    PHONE_STATES,
    SETTINGS_CHANGES,
    SETTINGS_COPIES,
)
from sender.claims import KEEP_MS, Claims, claim_key, dead_key
from sender.fold import CLOSED, TextFold
from sender.gate_redis import epoch_of
from sender.partition import Partition
from sender.partitions import Partitions
from sender.telling import tell_all

log = structlog.get_logger()
STAGES = ((CONSENT_CHANGES.name, SETTINGS_CHANGES.name), (INBOUND_SMS.name, CONSENTS_IN.name))
TEXTS_AT_ONCE = 500


class Warmth:
    """Keeps the partitions of this sender in step with the epoch of Redis."""

    def __init__(self, config: Config, redis: Redis, claims: Claims, partitions: Partitions) -> None:
        self._config, self._redis, self._claims, self._partitions = config, redis, claims, partitions
        self._progress = GroupProgress(config)
        self.epoch = ""

    async def close(self) -> None:
        """Disconnect."""
        await self._progress.close()

    async def check(self) -> None:
        """Rebuild what Redis lost. Raises what Kafka and Redis raise, and ``PartitionGone``."""
        self.epoch = epoch = await epoch_of(self._redis)
        held = list(self._partitions.held.values())
        for partition in held:
            if partition.epoch != epoch and await self._is_rebuilt(epoch, partition):
                partition.epoch = epoch
        cold = [partition for partition in held if partition.epoch != epoch]
        if cold:
            await self._rebuild(cold, epoch)

    async def _is_rebuilt(self, epoch: str, partition: Partition) -> bool:
        return bool(await self._redis.sismember(keys.rebuilt_key(epoch), str(partition.number)))

    async def _rebuild(self, cold: list[Partition], epoch: str) -> None:
        log.warning("gate_cold", epoch=epoch, count=len(cold))
        for stage in STAGES:
            ends = await self._progress.ends(stage)
            await self._until(partial(self._is_past, ends), epoch)
        await asyncio.sleep(self._config.gateway_grace_s)
        await self._until(lambda: self._gateways_are_clear(epoch), epoch)
        ends_now = await self._partitions.ends_of(
            [p.number for p in cold], PHONE_STATES.name, SETTINGS_COPIES.name
        )
        for partition in cold:
            partition.phones.told = False
            partition.ends |= {
                tp.topic: end for tp, end in ends_now.items() if tp.partition == partition.number
            }
            self._partitions.load(partition, whole=True)
        for partition in cold:
            await partition.until(partition.is_read)
            await self._rebuild_partition(partition, epoch)

    async def _until(self, is_so: Callable[[], Awaitable[bool]], epoch: str) -> None:
        """Wait for others; begin again if Redis forgets meanwhile."""
        while not await is_so():
            await asyncio.sleep(self._config.sweep_s)
            if await epoch_of(self._redis) != epoch:
                raise TimeoutError("Redis forgot again")

    async def _is_past(self, ends: dict[tuple[str, int], int]) -> bool:
        return not await self._progress.behind(ends)

    async def _gateways_are_clear(self, epoch: str) -> bool:
        return int(await self._redis.scard(keys.behind_key(epoch))) == 0

    async def _rebuild_partition(self, partition: Partition, epoch: str) -> None:
        partition.phones.untold = []
        await tell_all(self._claims, partition.phones.all())
        texts = [text for text in partition.fold.texts.values() if text.claim is not None]
        for first in range(0, len(texts), TEXTS_AT_ONCE):
            await self._restore(texts[first : first + TEXTS_AT_ONCE])
        if await epoch_of(self._redis) != epoch:
            raise TimeoutError("Redis forgot again")
        await self._redis.sadd(keys.rebuilt_key(epoch), str(partition.number))
        partition.epoch, partition.phones.told = epoch, True
        log.info("rebuilt", partition=partition.number, epoch=epoch, count=len(texts))

    async def _restore(self, texts: Iterable[TextFold]) -> None:
        pipe = self._redis.pipeline(transaction=False)
        for text in texts:
            for command in commands(text):
                pipe.execute_command(*command)
        await pipe.execute()


def commands(text: TextFold) -> list[tuple[str | int, ...]]:
    """The Redis commands that restore what the gate knew of a text; an open claim passes for nobody."""
    claim = text.claim
    if claim is None or planted("giveback"):
        return []
    name, found = claim.text.text_id, list[tuple[str | int, ...]]()
    if text.is_open or text.status in CLOSED:
        found.append(("SET", claim_key(name), f"poison:{claim.claim_id}", "PX", KEEP_MS))
    if text.dead:
        found += [("SADD", dead_key(name), *text.dead), ("PEXPIRE", dead_key(name), KEEP_MS)]
    if claim.text.kind == "reply":
        if text.is_open or text.status in CLOSED:
            found.append(("SET", f"token:{claim.text.basis}", name, "PX", KEEP_MS))
    elif claim.counts_to_cap:
        found += _counted(text, f"{claim.text.workspace_id}/{claim.text.event_id}", f"{name}#{claim.attempt}")
    return found


def _counted(text: TextFold, event: str, last: str) -> list[tuple[str | int, ...]]:
    """Attempts that may have reached the carrier, and the one that surely did not."""
    counts = text.is_open or text.status in ("accepted", "unresolved")
    counted = [*text.counted, last] if counts else [*text.counted]
    found: list[tuple[str | int, ...]] = []
    if counted:
        found += [("SADD", f"cap:{event}", *counted), ("PEXPIRE", f"cap:{event}", KEEP_MS)]
    if not counts and last not in counted:
        found += [("SADD", f"free:{event}", last), ("PEXPIRE", f"free:{event}", KEEP_MS)]
    return found
