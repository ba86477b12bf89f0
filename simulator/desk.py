"""The parts of the simulated carrier, put together; all of them live on one event loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from simulator.behaviours import Script
from simulator.callbacks import CallbackClient
from simulator.history import restore
from simulator.journeys import Journeys
from simulator.ledger import Ledger, read
from simulator.limits import Credit, Window
from simulator.messages import Messages
from simulator.opt_outs import OptOuts
from simulator.phones import Phones
from simulator.replies import Replies
from simulator.settings import Settings

Outage = Literal["closed", "full"]


class Desk:
    """A carrier with its phones; make it on a running event loop, close it at the end.

    What the ledger tells of earlier runs is taken up again. `outage` takes the port away for some seconds.
    """

    def __init__(self, settings: Settings, outage: Callable[[Outage, float], None]) -> None:
        self.settings, self.outage = settings, outage
        entries = read(settings.ledger)
        self.ledger = Ledger(settings.ledger)
        self.messages = Messages(settings.auth_id, settings.list_lag_s)
        self.callbacks = CallbackClient(settings, self.ledger)
        self.phones, self.script = Phones(), Script()
        self.opt_outs, self.credit = OptOuts(settings.speedup), Credit(settings.speedup)
        self.requests = Window(settings.requests_per_5s, 5.0)
        self.lists = Window(settings.lists_per_min, 60.0)
        self.replies = Replies(self)
        self.journeys = Journeys(self)
        restore(self, entries)

    def blocked(self, number: str) -> bool:
        """Whether the carrier lets nothing more from us to that phone."""
        return self.opt_outs.blocked(self.settings.number, number)

    async def close(self) -> None:
        """Give up callbacks under way, write the ledger to its end."""
        self.replies.close()
        await self.callbacks.close()
        self.ledger.close()
