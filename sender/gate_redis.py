"""The connection to the gate's Redis: short timeouts, no retry, and every new connection asks who answers."""

from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from runtime import gate_keys as keys
from runtime.config import BadConfig, Config


def connect(config: Config) -> Redis:
    """A client that connects when it is first used. Its calls raise ``RedisError`` after a second at most."""
    client: Redis = Redis.from_url(
        config.redis_url,
        socket_timeout=config.gate_timeout_s,
        socket_connect_timeout=config.gate_timeout_s,
        decode_responses=True,
        retry=Retry(NoBackoff(), 0),
        redis_connect_func=on_connect,
    )
    return client


async def on_connect(connection: AbstractConnection) -> None:
    """Before any other command: a server of another run id may have lost its last second."""
    await connection.on_connect()
    await connection.send_command("INFO", "server")
    run = _fields(str(await connection.read_response()))["run_id"]
    await connection.send_command("EVAL", keys.BEGIN, 2, keys.RUN, keys.EPOCH, run)
    await connection.read_response()


async def epoch_of(redis: Redis) -> str:
    """The current epoch; begins one if the data is gone. Raises ``RedisError``.

    The run id is asked for by the script's own connection when that was made, so an old one will do here.
    """
    known = await redis.get(keys.EPOCH)
    if known is not None:
        return str(known)
    run = (await redis.info("server"))["run_id"]
    return str(await redis.eval(keys.BEGIN, 2, keys.RUN, keys.EPOCH, run))


async def refuse_forgetful(redis: Redis, config: Config) -> None:
    """Raise ``BadConfig`` if Redis may drop keys, or in production if it keeps nothing on disk or anyone may
    do anything. Raises ``RedisError`` if it does not answer.
    """
    info = await redis.info("everything")
    if info.get("maxmemory_policy") != "noeviction":
        raise BadConfig(f"Redis must never evict: maxmemory-policy is {info.get('maxmemory_policy')}")
    if config.environment != "production":
        return
    if int(info.get("aof_enabled", 0)) != 1:
        raise BadConfig("Redis keeps no append-only file: set appendonly yes")
    if await redis.acl_whoami() == "default":
        raise BadConfig("REDIS_URL names no ACL user: the sender needs its own, without FLUSHALL and CONFIG")


def _fields(info: str) -> dict[str, str]:
    return dict(line.split(":", 1) for line in info.splitlines() if ":" in line)
