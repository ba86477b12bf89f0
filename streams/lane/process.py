"""What Faust's worker process does around an app, as far as it costs or shows too much."""

import gc
import logging

import faust
from faust.app.base import BootStrategy

_YOUNG, _OLDER, _OLDEST = 20_000, 20, 50


class WithoutWeb(BootStrategy):
    """Faust's web server shows table rows to anyone; it is never started."""

    enable_web = False


class QuietWorker(faust.Worker):
    """Logs at the level asked for, and collects garbage less often."""

    def _setup_spinner_handler(self, logger: logging.Logger, level: int) -> None:
        # stock sets every logger to DEBUG, so that each line of a library turns a spinner on a terminal
        self.spinner = None

    async def on_start(self) -> None:
        """Begin."""
        gc.set_threshold(_YOUNG, _OLDER, _OLDEST)
        spare_collector()
        await super().on_start()


def spare_collector() -> None:
    """What lives now will live long: no garbage collection walks over it again.

    Called first when modules are imported, so that it is short when partitions come. Cycles among what was
    spared are not found once they are left: a few objects an assignment.
    """
    gc.collect()
    gc.freeze()
