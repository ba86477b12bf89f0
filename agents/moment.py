"""When and where a step is taken."""

from datetime import datetime

from msgspec import Struct

from rules.policy import Policy


class Moment(Struct, frozen=True, kw_only=True, gc=False):
    """The world outside an agent: time, partition, deployment settings, and whether its inputs caught up."""

    now: datetime
    partition: int
    policy: Policy
    inputs_caught_up: bool = True
    """False until all that was published before the last assignment has been read (the barrier)."""
