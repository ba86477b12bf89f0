"""Quiet hours: their edges, the days when clocks are changed, and every zone there is."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.policy import Policy
from rules.quiet_hours import add_awake, in_quiet_hours, quiet_begin, quiet_end, waits_for_morning
from rules.zones import names, zone_info

NEW_YORK = "America/New_York"


def policy(quiet_from: time = time(21), quiet_until: time = time(8), not_before: time = time(9)) -> Policy:
    return Policy(
        reference_key=b"r",
        link_key=b"l",
        public_url="https://t.rally.co",
        support_contact="help@rally.co",
        partitions=4,
        quiet_from=quiet_from,
        quiet_until=quiet_until,
        quiet_waits_if_start_after=not_before,
    )


def local(words: str, zone: str = NEW_YORK, fold: int = 0) -> datetime:
    return datetime.fromisoformat(words).replace(tzinfo=zone_info(zone), fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("wall", "quiet"),
    [
        ("2026-11-24 20:59:59.999999", False),
        ("2026-11-24 21:00:00", True),  # 21:00:00 is quiet
        ("2026-11-24 23:59:59", True),
        ("2026-11-25 00:00:00", True),
        ("2026-11-25 07:59:59.999999", True),
        ("2026-11-25 08:00:00", False),  # 8:00:00 is not
    ],
)
def test_edges(wall: str, quiet: bool) -> None:
    assert in_quiet_hours(policy(), local(wall), NEW_YORK) is quiet


@pytest.mark.parametrize(
    ("quiet_from", "quiet_until", "wall", "quiet"),
    [
        (time(8), time(8), "2026-11-24 08:00", False),  # equal: none
        (time(8), time(8), "2026-11-24 03:00", False),
        (time(1), time(5), "2026-11-24 00:59", False),  # within one day
        (time(1), time(5), "2026-11-24 01:00", True),
        (time(1), time(5), "2026-11-24 05:00", False),
    ],
)
def test_other_hours(quiet_from: time, quiet_until: time, wall: str, quiet: bool) -> None:
    assert in_quiet_hours(policy(quiet_from, quiet_until), local(wall), NEW_YORK) is quiet


@pytest.mark.parametrize(
    ("at", "zone", "end"),
    [
        # the evening before
        ("2026-11-25T02:00Z", NEW_YORK, "2026-11-25T13:00Z"),
        # the early morning
        ("2026-11-25T12:59Z", NEW_YORK, "2026-11-25T13:00Z"),
        # not quiet: at once
        ("2026-11-25T13:00Z", NEW_YORK, "2026-11-25T13:00Z"),
        # the night of the gap is an hour shorter
        ("2026-03-08T03:00Z", NEW_YORK, "2026-03-08T12:00Z"),
        # the night of the fold is an hour longer
        ("2026-11-01T02:00Z", NEW_YORK, "2026-11-01T13:00Z"),
        # half-hour zone
        ("2026-11-24T18:00Z", "Asia/Kolkata", "2026-11-25T02:30Z"),
        # three quarters
        ("2026-11-24T09:00Z", "Asia/Kathmandu", "2026-11-24T09:00Z"),
        ("2026-11-24T16:00Z", "Asia/Kathmandu", "2026-11-25T02:15Z"),
        # a change of half an hour
        ("2026-10-03T12:00Z", "Australia/Lord_Howe", "2026-10-03T21:00Z"),
        # a day that Samoa left out
        ("2011-12-30T09:00Z", "Pacific/Apia", "2011-12-30T18:00Z"),
    ],
)
def test_end(at: str, zone: str, end: str) -> None:
    assert quiet_end(policy(), datetime.fromisoformat(at), zone) == datetime.fromisoformat(end)
    assert quiet_end(policy(), datetime.fromisoformat(at), zone).tzinfo is UTC


@pytest.mark.parametrize(
    ("quiet_from", "quiet_until", "at", "end"),
    [
        # ends inside the gap (2:00 to 3:00 does not exist): when the clock is put forward
        (time(21), time(2, 30), "2026-03-08T06:30Z", "2026-03-08T07:00Z"),
        # ends inside the fold (1:00 to 2:00 comes twice): the first time it is shown
        (time(21), time(1, 30), "2026-11-01T05:10Z", "2026-11-01T05:30Z"),
        # and the second time, if the first was missed
        (time(21), time(1, 30), "2026-11-01T06:10Z", "2026-11-01T06:30Z"),
        # begins inside the fold: putting the clock back ends it for half an hour
        (time(1, 30), time(8), "2026-11-01T05:40Z", "2026-11-01T06:00Z"),
        # begins after the gap it would have begun in
        (time(2, 10), time(8), "2026-03-08T06:59Z", "2026-03-08T06:59Z"),
        (time(2, 10), time(8), "2026-03-08T07:00Z", "2026-03-08T12:00Z"),
        # seconds and microseconds
        (time(21), time(2, 30), "2026-03-08T06:59:59.5Z", "2026-03-08T07:00Z"),
    ],
)
def test_end_while_the_clock_is_changed(quiet_from: time, quiet_until: time, at: str, end: str) -> None:
    found = quiet_end(policy(quiet_from, quiet_until), datetime.fromisoformat(at), NEW_YORK)
    assert found == datetime.fromisoformat(end)


@pytest.mark.parametrize(
    ("since", "hours", "until"),
    [
        ("2026-11-24 10:00", 6, "2026-11-24 16:00"),  # no night between
        ("2026-11-24 19:00", 6, "2026-11-25 12:00"),  # two in the evening, four in the morning
        ("2026-11-24 22:00", 6, "2026-11-25 14:00"),  # from the night: counted from eight
        ("2026-11-24 15:00", 6, "2026-11-24 21:00"),  # used up when the night begins
        ("2026-11-24 10:00", 30, "2026-11-26 14:00"),  # 11, 13 and 6 hours
        ("2026-11-24 22:00", 0, "2026-11-24 22:00"),  # nothing to add
        ("2026-03-07 20:00", 2, "2026-03-08 09:00"),  # across the gap
        ("2026-10-31 20:00", 2, "2026-11-01 09:00"),  # across the fold
    ],
)
def test_add_awake(since: str, hours: int, until: str) -> None:
    assert add_awake(policy(), local(since), timedelta(hours=hours), NEW_YORK) == local(until)


def test_add_awake_without_quiet_hours() -> None:
    none = policy(time(8), time(8))
    assert add_awake(none, local("2026-11-24 22:00"), timedelta(hours=6), NEW_YORK) == local(
        "2026-11-25 04:00"
    )


@pytest.mark.parametrize(
    ("at", "starts_at", "until"),
    [
        ("2026-11-24 20:59:59", "2026-11-25 15:00", None),  # not quiet
        ("2026-11-24 21:00", "2026-11-25 15:00", "2026-11-25 08:00"),  # waits
        ("2026-11-25 07:59", "2026-11-25 15:00", "2026-11-25 08:00"),
        ("2026-11-25 08:00", "2026-11-25 15:00", None),
        ("2026-11-24 22:00", "2026-11-25 09:00", None),  # starts at nine: goes at once
        ("2026-11-24 22:00", "2026-11-25 09:00:01", "2026-11-25 08:00"),  # after nine: waits
        ("2026-11-24 22:00", "2026-11-24 23:00", None),  # starts in the night
        ("2026-11-25 03:00", "2026-11-25 08:30", None),  # before nine, same morning
        ("2026-11-24 22:00", "2026-12-24 07:00", "2026-11-25 08:00"),  # early, but not that morning
        ("2026-11-24 22:00", "2026-11-24 14:00", None),  # started already
    ],
)
def test_waits_for_morning(at: str, starts_at: str, until: str | None) -> None:
    found = waits_for_morning(policy(), local(at), local(starts_at), NEW_YORK)
    assert found == (local(until) if until else None)


def test_never_waits_beyond_the_start() -> None:
    """With hours that end after the hour that bounds them."""
    late = policy(time(21), time(10), not_before=time(9))
    assert waits_for_morning(late, local("2026-11-24 22:00"), local("2026-11-25 09:30"), NEW_YORK) is None


ZONES = st.sampled_from(sorted(names()))
INSTANTS = st.integers(
    int(datetime(1990, 1, 1, tzinfo=UTC).timestamp()), int(datetime(2036, 1, 1, tzinfo=UTC).timestamp())
).map(lambda second: datetime.fromtimestamp(second, UTC))
HOURS = st.times().map(lambda t: t.replace(second=0, microsecond=0))


@given(zone=ZONES, at=INSTANTS, quiet_from=HOURS, quiet_until=HOURS)
def test_end_is_the_first_instant_that_is_not_quiet(
    zone: str, at: datetime, quiet_from: time, quiet_until: time
) -> None:
    rules = policy(quiet_from, quiet_until)
    end = quiet_end(rules, at, zone)
    assert at <= end <= at + timedelta(hours=49)
    assert not in_quiet_hours(rules, end, zone)
    step = timedelta(minutes=7)
    assert all(in_quiet_hours(rules, at + n * step, zone) for n in range(-((at - end) // step)))
    if end > at:
        assert in_quiet_hours(rules, end - timedelta(microseconds=1), zone)


@given(zone=ZONES, at=INSTANTS)
def test_begin_is_the_first_instant_that_is_quiet(zone: str, at: datetime) -> None:
    begin = quiet_begin(policy(), at, zone)
    assert in_quiet_hours(policy(), begin, zone)
    step = timedelta(minutes=13)
    assert not any(in_quiet_hours(policy(), at + n * step, zone) for n in range(-((at - begin) // step)))


@given(zone=ZONES, at=INSTANTS, minutes=st.integers(0, 3000))
def test_awake_time_adds_up(zone: str, at: datetime, minutes: int) -> None:
    """Minute by minute, as one would count by hand."""
    until = add_awake(policy(), at, timedelta(minutes=minutes), zone)
    elapsed = round((until - at) / timedelta(minutes=1))
    awake = sum(not in_quiet_hours(policy(), at + timedelta(minutes=n), zone) for n in range(elapsed))
    assert awake == pytest.approx(minutes, abs=1 if at.second else 0)


@given(zone=ZONES, at=INSTANTS, lead=st.integers(-600, 6000))
def test_what_waits_goes_in_waking_hours_before_the_start(zone: str, at: datetime, lead: int) -> None:
    starts_at = at + timedelta(minutes=lead)
    until = waits_for_morning(policy(), at, starts_at, zone)
    if until is not None:
        assert at < until < starts_at
        assert not in_quiet_hours(policy(), until, zone)
