"""Redis from cold to warm: its state rebuilt from the topics, in the order that loses no opt-out."""

import structlog
from redis.asyncio import Redis

from runtime import gate_keys as keys
from runtime.progress import GroupProgress
from schemas.topics import CONSENT_CHANGES, CONSENTS_IN, INBOUND_SMS, SETTINGS_CHANGES
from sender.fold import CLOSED, TextFold
from sender.gate import BEGIN, KEEP_MS, Gate
from sender.partition import Partition

log = structlog.get_logger()
STAGES = ((CONSENT_CHANGES.name, SETTINGS_CHANGES.name), (INBOUND_SMS.name, CONSENTS_IN.name))


async def epoch_of(redis: Redis) -> int:
    """The current epoch; begins one if the data is gone. Raises ``RedisError``."""
    run = (await redis.info("server"))["run_id"]
    await redis.eval(BEGIN, 2, keys.RUN, keys.EPOCH, run)
    return int(str(await redis.get(keys.EPOCH)))


async def is_rebuilt(redis: Redis, epoch: int, partition: int) -> bool:
    """Whether the partition's state is in Redis."""
    return bool(await redis.sismember(keys.rebuilt_key(epoch), str(partition)))


async def worker_is_past(progress: GroupProgress, stage: int) -> bool:
    """Whether the worker has committed past all that is in a stage's topics now."""
    return not await progress.behind(await progress.ends(STAGES[stage]))


async def rebuild(gate: Gate, partition: Partition, epoch: int) -> None:
    """Write what topics and journal say of a partition, then mark it rebuilt. Raises ``RedisError``.

    Facts of phones first; attempts into caps; open claims poisoned: nobody may use them any more.
    """
    await gate.tell(partition.stops.values())
    await gate.tell(partition.ended.values())
    for word in partition.paused.values():
        await gate.pause(word.workspace_id, paused=word.value is True, at=word.at)
    for text in partition.fold.texts.values():
        await _rebuild_text(gate.redis, text)
    await gate.redis.sadd(keys.rebuilt_key(epoch), str(partition.number))
    log.info("rebuilt", partition=partition.number, epoch=epoch)


async def _rebuild_text(redis: Redis, text: TextFold) -> None:
    claim = text.claim
    if claim is None:
        return
    name = claim.text.text_id
    pipe = redis.pipeline(transaction=False)
    if text.is_open or text.status in CLOSED:
        pipe.set(f"claim:{name}", f"poison:{claim.claim_id}", px=KEEP_MS)
    if text.dead:
        pipe.sadd(f"dead:{name}", *text.dead)
        pipe.pexpire(f"dead:{name}", KEEP_MS)
    if claim.counts_to_cap:
        counted = [*text.counted]
        if text.is_open or text.status in ("accepted", "unresolved"):
            counted.append(f"{name}#{claim.attempt}")
        if counted:
            event = f"{claim.text.workspace_id}/{claim.text.event_id}"
            pipe.sadd(f"cap:{event}", *counted)
            pipe.pexpire(f"cap:{event}", KEEP_MS)
    elif claim.text.kind == "reply" and text.status != "none":
        pipe.set(f"token:{claim.text.basis}", name, px=KEEP_MS)
    await pipe.execute()
