"""Sends paused and resumed, as staff does: in Kafka and in Redis."""

from redis import Redis

from runtime import gate_keys as keys
from schemas.settings import SettingCopy
from tests.sender.street import Street, now


def say(street: Street, on: bool, revision: int) -> None:
    """Pause or resume all. Raises what Kafka and Redis raise."""
    at = now()
    copies = [
        SettingCopy(
            partition=n,
            workspace_id="all",
            study_id=None,
            name="paused",
            value=on,
            revision=revision,
            actor="operator",
            reason="test",
            at=at,
        )
        for n in range(street.config.partitions)
    ]
    street.publish(*copies)
    with Redis.from_url(street.env["REDIS_URL"], decode_responses=True, socket_timeout=2) as redis:
        redis.eval(keys.PAUSE, 1, keys.PAUSED, "all", keys.ms(at), int(on))
