"""The worker process: ``faust -A streams.worker agents`` lists the agents, ``reminders worker`` runs them."""

import os

from runtime.config import Config
from streams.app import build

_TESTING = os.environ.get("REMINDERS_TESTING") == "1"

app = build(Config.from_env(), barrier=not (_TESTING and os.environ.get("REMINDERS_NO_BARRIER") == "1"))
