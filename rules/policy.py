"""What a deployment decides: times, limits and addresses that the rules ask for."""

from dataclasses import dataclass, field
from datetime import time, timedelta


@dataclass(frozen=True, kw_only=True)
class Policy:
    """The deployment's settings, as the rules see them. Defaults are those of the product."""

    reference_key: bytes = field(repr=False)
    """Permanent secret behind phone references and text ids."""
    link_key: bytes = field(repr=False)
    """Secret behind manage links."""
    public_url: str
    """Where participants reach the gateway, without a slash at the end."""
    support_contact: str
    partitions: int
    countries: frozenset[str] = frozenset({"US", "CA"})
    """ISO 3166 regions whose numbers are served."""
    leads: tuple[timedelta, ...] = (timedelta(minutes=15),)
    settling: timedelta = timedelta(seconds=60)
    at_once_before_start: timedelta = timedelta(minutes=30)
    """A change this near to the old or new start is told without settling."""
    latest_after_cause: timedelta = timedelta(hours=6)
    """Confirmation and change, quiet hours not counted."""
    day_of_latest_after_cause: timedelta = timedelta(hours=24)
    latest_after_start: timedelta = timedelta(minutes=15)
    """Cancellation and day-of update."""
    reply_latest: timedelta = timedelta(minutes=5)
    quiet_from: time = time(21)
    quiet_until: time = time(8)
    quiet_waits_if_start_after: time = time(9)
    """A text waits for the morning only if the interview starts after this hour of that morning."""
    default_zone: str = "America/New_York"
    """Where neither the participant, the number, the study nor the workspace has a zone."""
    cap: int = 6
    hold: timedelta = timedelta(hours=24)
    one_stop_answer_in: timedelta = timedelta(minutes=5)
    help_answers_per_hour: int = 3
    carrier_auto_replies: str = "auto"
    """auto: the carrier answered if its intent says so; always; never."""
    start_needs_list: bool = True
    """START waits for the carrier's inbound list; false waives that where a V3 signature was seen."""
    keep_after_start: timedelta = timedelta(days=30)
    """Events leave the tables this long after their last start."""
