"""The batch lane: Faust with one event per poll and partition, exact tables, and nothing lost.

A step is all or nothing, in this order: outputs acknowledged, table changes acknowledged in the changelog,
local store, offsets. It knows nothing of what the records mean.
"""

from streams.lane.app import LaneApp
from streams.lane.batch import Batch
from streams.lane.collection import changelog_topic_name
from streams.lane.errors import Hole, LaneError, LogReplaced, Poisoned, Superseded, TooLarge
from streams.lane.marks import is_internal
from streams.lane.outbox import Outbox
from streams.lane.settings import LaneSettings
from streams.lane.stream import Batches
from streams.lane.table import LaneTable

__all__ = [
    "Batch",
    "Batches",
    "Hole",
    "LaneApp",
    "LaneError",
    "LaneSettings",
    "LaneTable",
    "LogReplaced",
    "Outbox",
    "Poisoned",
    "Superseded",
    "TooLarge",
    "changelog_topic_name",
    "is_internal",
]
