"""When a source is not the log that tables and commits speak of."""

import pytest

from streams.lane.replaced import COMMITTED_BY_LANE, Place, explain, problem_of


@pytest.mark.parametrize(
    ("mark", "committed", "metadata", "end", "problem"),
    [
        (-1, -1, "", 0, None),  # a new deployment
        (-1, 0, COMMITTED_BY_LANE, 0, None),
        (9, 10, COMMITTED_BY_LANE, 10, None),  # stopped in order
        (9, 10, "", 20, None),  # a version before that wrote nothing beside its commits
        (9, 3, COMMITTED_BY_LANE, 20, None),  # crashed before it committed
        (9, -1, "", 20, None),  # the broker forgot the group
        (9, 12, COMMITTED_BY_LANE, 20, None),  # the rest changed no row
        (9, 10, COMMITTED_BY_LANE, 9, "replaced"),
        (9, 9, COMMITTED_BY_LANE, 9, "replaced"),
        (-1, 10, COMMITTED_BY_LANE, 9, "replaced"),  # a source that writes no table
        (9, -1, "", 4, "replaced"),
        (9, 9, "", 20, "reset"),
        (9, 0, "", 20, "reset"),
    ],
)
def test_problems(mark: int, committed: int, metadata: str, end: int, problem: str | None) -> None:
    assert problem_of(Place(mark, committed, metadata, end)) == problem


def test_another_record_where_one_was_read_is_another_log_however_long() -> None:
    other = Place(9, -1, "", 20, other=True)
    assert problem_of(other) == "replaced"
    assert "holds other records but was read up to 10" in explain("bookings", 3, other, "replaced")
    assert problem_of(Place(9, -1, "", 20)) is None


def test_the_way_out_is_told() -> None:
    for problem in ("replaced", "reset"):
        told = explain("bookings", 3, Place(9, 10, "", 4), problem)  # type: ignore[arg-type]
        assert told.startswith("bookings partition 3 ")
        assert told.endswith("reminders rebuild")
