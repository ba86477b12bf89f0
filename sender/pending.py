"""A delivery that waits for its end, and the news that its partition has left."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from schemas.deliveries import Delivery

if TYPE_CHECKING:
    from sender.partition import Partition


class PartitionGone(Exception):
    """The partition has left this sender: another one goes on."""


@dataclass(eq=False)
class Pending:
    """A delivery that has not ended."""

    delivery: Delivery
    offset: int
    partition: "Partition"
    not_before: datetime
    backoff: timedelta
    running: bool = False
    over: bool = False

    def put_off(self, now: datetime, most: timedelta, after: timedelta | None = None) -> None:
        """Try again later, and later each time."""
        self.not_before = now + (after or self.backoff)
        self.backoff = min(self.backoff * 2, most)
