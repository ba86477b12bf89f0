"""Sends are paused for a while, as staff would: in Kafka and in Redis."""

import itertools
import time
from datetime import datetime

from tests.chaos.traffic import stubborn
from tests.sender.pauses import say
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
        revision = next(self._revisions)
        stubborn(lambda: say(self._street, on, revision))
