"""The clocks of a sender: the wall's for what is written down, the boot's for deadlines."""

import time
from datetime import UTC, datetime


def utc_now() -> datetime:
    """The time of this machine."""
    return datetime.now(UTC)


def boottime() -> float:
    """Seconds since boot, suspended time included: a frozen machine does not gain time."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)
