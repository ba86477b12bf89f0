"""How many texts may wait in memory: above it no more are read, until some have gone.

What lies behind them, withdrawals too, is heard later then. So the bound is far above what a rate can send
in hours, and what the barrier asks for is read in any case.
"""

import structlog

from runtime.config import Config
from sender.backlog import Backlog
from sender.partitions import Partitions

log = structlog.get_logger()
AGAIN_BELOW = 0.8


class Backpressure:
    """Holds the reading of deliveries back while too many wait."""

    def __init__(self, config: Config, backlog: Backlog, partitions: Partitions) -> None:
        self._most, self._backlog, self._partitions = config.backlog_max, backlog, partitions
        self._full = False

    async def check(self) -> None:
        """Look at how many wait now."""
        waiting = len(self._backlog)
        if not self._full and waiting > self._most:
            self._full = True
            log.warning("deliveries_held_back", alert=True, count=waiting)
        elif self._full and waiting < self._most * AGAIN_BELOW:
            self._full = False
            log.info("deliveries_read_again", count=waiting)
        self._partitions.hold_back(self._full)
