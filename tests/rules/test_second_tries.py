"""Which losses are tried once more, and when."""

from datetime import UTC, datetime, timedelta

import pytest

from rules.second_tries import again_at, may_pass

AT = datetime(2026, 1, 2, 15, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("status", "code", "passes"),
    [
        ("failed", "20", True),  # network error
        ("undelivered", "80", True),  # temporarily unavailable
        ("failed", "300", True),  # not dispatched
        ("undelivered", "1000", True),  # no name for it
        ("failed", "200", False),  # opted out: never
        ("failed", "420", False),  # its time in the carrier's queue was over
        ("undelivered", "50", False),  # no such phone
        ("undelivered", "70", False),  # unavailable for good
        ("failed", "900", False),  # no credit
        ("failed", "451", False),  # a code that nobody has published
        ("failed", "", False),
        ("failed", "000", False),
        ("delivered", "20", False),  # it arrived, whatever the code
        ("sent", "20", False),  # still on its way
    ],
)
def test_what_a_second_try_may_not_meet(status: str, code: str, passes: bool) -> None:
    assert may_pass(status, code) is passes


@pytest.mark.parametrize(
    ("code", "left", "after"),
    [
        ("300", 15 * MINUTE, 0 * MINUTE),  # at once
        ("1000", 15 * MINUTE, 0 * MINUTE),
        ("20", 15 * MINUTE, 5 * MINUTE),  # later
        ("80", 15 * MINUTE, 5 * MINUTE),
        ("80", 6 * MINUTE, 3 * MINUTE),  # but in time
    ],
)
def test_when_it_is_made(code: str, left: timedelta, after: timedelta) -> None:
    assert again_at(code, AT, AT + left, 5 * MINUTE) == AT + after
