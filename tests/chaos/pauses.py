"""Sends are paused for a while, as staff would: in Kafka and in Redis."""

import itertools
import time
from datetime import datetime

from redis import Redis

from runtime import gate_keys as keys
from schemas.settings import SettingCopy
from tests.chaos.traffic import stubborn
from tests.sender.street import Street, now


class Pauses:
    """``spans``: from when a pause was known everywhere until its end was said."""

    def __init__(self, street: Street) -> None:
        self._street = street
        self._revisions = itertools.count(1)
        self.spans: list[tuple[datetime, datetime]] = []

    def pause(self, seconds: float) -> None:
        """Pause all, wait, go on."""
        self._say(True)
        begun_at = now()
        time.sleep(seconds)
        self.spans.append((begun_at, now()))
        self._say(False)

    def _say(self, on: bool) -> None:
        at, revision = now(), next(self._revisions)
        copies = [
            SettingCopy(
                partition=n,
                workspace_id="all",
                study_id=None,
                name="paused",
                value=on,
                revision=revision,
                actor="operator",
                reason="chaos",
                at=at,
            )
            for n in range(self._street.config.partitions)
        ]
        stubborn(lambda: self._street.publish(*copies))
        redis = Redis.from_url(self._street.env["REDIS_URL"], decode_responses=True, socket_timeout=2)
        stubborn(lambda: redis.eval(keys.PAUSE, 1, keys.PAUSED, "all", keys.ms(at), int(on)))
        redis.close()
