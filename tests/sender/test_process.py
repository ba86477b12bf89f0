"""A sender does not start where it could not keep a promise, and says what to change."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from runtime.config import BadConfig, Config
from sender import process
from sender.gate_redis import connect, refuse_forgetful
from sender.process import refuse

REAL, OURS = "https://api.plivo.com", "MAZZ3456789012345678"


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"plivo_api_base": REAL, "plivo_auth_id": OURS, "environment": "demo"}, "TEXT_ONLY"),
        ({"plivo_api_base": REAL, "plivo_auth_id": OURS, "environment": "development"}, "TEXT_ONLY"),
        ({"plivo_api_base": REAL, "environment": "production"}, "PLIVO_AUTH_ID"),
        ({"plivo_auth_id": OURS}, "PLIVO_API_BASE"),
        ({"claim_deadline_s": 2.5, "drain_s": 2.0}, "CLAIM_DEADLINE_S"),
        ({"quiet_s": 13.0}, "QUIET_S"),
    ],
)
def test_settings_that_break_a_promise(settings: dict[str, object], named: str) -> None:
    with pytest.raises(BadConfig, match=named):
        refuse(Config(**settings))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"plivo_api_base": REAL, "plivo_auth_id": OURS, "environment": "production"},
        {
            "plivo_api_base": REAL,
            "plivo_auth_id": OURS,
            "environment": "demo",
            "text_only": "+13305550147",
        },
    ],
)
def test_settings_that_hold(settings: dict[str, str]) -> None:
    refuse(Config(**settings))  # type: ignore[arg-type]


def test_a_planted_fault_never_meets_a_real_participant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "fault", lambda: "lease")
    real = Config(plivo_api_base=REAL, plivo_auth_id=OURS, environment="production")
    with pytest.raises(BadConfig, match="REMINDERS_FAULT"):
        refuse(real)
    refuse(Config())


@pytest.fixture
async def admin(valkey: str) -> AsyncIterator[Redis]:
    redis: Redis = Redis.from_url(valkey, decode_responses=True)
    yield redis
    await redis.config_set("maxmemory-policy", "noeviction")
    await redis.config_set("appendonly", "yes")
    await redis.acl_deluser("reminders")
    await redis.aclose()


async def refused(url: str, environment: str) -> str:
    config = Config(redis_url=url, environment=environment)
    redis = connect(config)
    try:
        await refuse_forgetful(redis, config)
    except BadConfig as error:
        return str(error)
    finally:
        await redis.aclose()
    return ""


@pytest.mark.servers
async def test_a_redis_that_may_evict(valkey: str, admin: Redis) -> None:
    assert await refused(valkey, "demo") == ""
    await admin.config_set("maxmemory-policy", "allkeys-lru")
    assert "allkeys-lru" in await refused(valkey, "demo")


@pytest.mark.servers
async def test_a_redis_for_production(valkey: str, admin: Redis) -> None:
    assert "ACL user" in await refused(valkey, "production")
    await admin.acl_setuser(
        "reminders",
        enabled=True,
        passwords=["+secret"],
        keys=["*"],
        categories=["+@all", "-@admin", "-@dangerous"],
        commands=["+info"],
    )
    own = valkey.replace("redis://", "redis://reminders:secret@")
    assert await refused(own, "production") == ""
    await admin.config_set("appendonly", "no")
    assert "append-only" in await refused(own, "production")
