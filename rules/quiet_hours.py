"""Quiet hours by the wall clock of the person's zone, exact on the days when that clock is changed."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from rules.policy import Policy
from rules.zones import zone_info

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


def in_quiet_hours(policy: Policy, at: datetime, zone: str) -> bool:
    """Whether the wall clock shows quiet hours: ``quiet_from`` is quiet, ``quiet_until`` is not."""
    wall = at.astimezone(zone_info(zone)).time()
    begin, end = policy.quiet_from, policy.quiet_until
    if begin <= end:
        return begin <= wall < end
    return wall >= begin or wall < end


def quiet_end(policy: Policy, at: datetime, zone: str) -> datetime:
    """The first instant from ``at`` on, in UTC, that is not quiet."""
    at = at.astimezone(UTC)
    while in_quiet_hours(policy, at, zone):
        at = _on_the_clock(at, policy.quiet_until, zone_info(zone))
    return at


def quiet_begin(policy: Policy, at: datetime, zone: str) -> datetime:
    """The first instant from ``at`` on, in UTC, that is quiet. Never returns if none ever is."""
    at = at.astimezone(UTC)
    while not in_quiet_hours(policy, at, zone):
        at = _on_the_clock(at, policy.quiet_from, zone_info(zone))
    return at


def add_awake(policy: Policy, since: datetime, duration: timedelta, zone: str) -> datetime:
    """The instant, in UTC, when ``duration`` has passed since then, quiet hours not counted."""
    at = since.astimezone(UTC)
    if policy.quiet_from == policy.quiet_until:
        return at + duration
    while duration > timedelta():
        at = quiet_end(policy, at, zone)
        awake = min(duration, quiet_begin(policy, at, zone) - at)
        at, duration = at + awake, duration - awake
    return at


def waits_for_morning(policy: Policy, at: datetime, starts_at: datetime, zone: str) -> datetime | None:
    """Until when a text due at ``at`` about an interview at ``starts_at`` waits; None if it goes at once.

    It waits for the end of quiet hours if the interview starts after ``quiet_waits_if_start_after`` of that
    morning, so that somebody woken by it had to be.
    """
    if not in_quiet_hours(policy, at, zone):
        return None
    end = quiet_end(policy, at, zone)
    info = zone_info(zone)
    morning = datetime.combine(end.astimezone(info).date(), policy.quiet_waits_if_start_after, info)
    return end if starts_at > max(end, morning.astimezone(UTC)) else None


def _on_the_clock(at: datetime, target: time, zone: ZoneInfo) -> datetime:
    """When the wall clock, running on from ``at``, next shows ``target``; or is changed, if sooner."""
    wall = at.astimezone(zone).replace(tzinfo=None)
    shown = datetime.combine(wall.date(), target)
    there = at + (shown - wall) % DAY
    return _change(at, there, zone) or there


def _change(begin: datetime, end: datetime, zone: ZoneInfo) -> datetime | None:
    """The first instant of another UTC offset after ``begin`` and until ``end``, to the second; None if none.

    Less than a day apart, two changes that cancel out do not occur.
    """
    offset = begin.astimezone(zone).utcoffset()
    if end.astimezone(zone).utcoffset() == offset:
        return None
    low, high = 0, -((begin - end) // SECOND)
    whole = begin.replace(microsecond=0)
    while high - low > 1:
        middle = (low + high) // 2
        if (whole + middle * SECOND).astimezone(zone).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return whole + high * SECOND
