"""When to look at which row: in order, again and slower until the row changes."""

import tracemalloc
from datetime import timedelta

from streams.due_index import DueIndex, Row
from tests.makers import at

NOON = at("12:00")
A, B = ("t", "a"), ("t", "b")


def index() -> DueIndex:
    return DueIndex(timedelta(seconds=5), timedelta(seconds=20))


def test_rows_come_in_order_of_time_and_not_before() -> None:
    due = index()
    due.put(*B, at("12:02"))
    due.put(*A, at("12:01"))
    assert due.next_at() == at("12:01")
    assert due.take(NOON, 10) == []
    assert due.take(at("12:02"), 10) == [A, B]


def test_added_rows_come_in_order_too() -> None:
    due = index()
    due.add(*B, at("12:02"))
    due.add(*A, at("12:01"))
    assert due.take(at("12:02"), 10) == [A, B]


def test_no_more_than_asked_for() -> None:
    due = index()
    for row in (A, B):
        due.put(*row, NOON)
    assert due.take(NOON, 1) == [A]
    assert due.take(NOON, 10) == [B]


def test_what_is_due_is_counted_however_many_come_later() -> None:
    due = index()
    assert due.due(NOON) == 0
    for n in range(200):
        due.put("t", str(n), NOON + timedelta(seconds=n - 30))
    assert due.due(NOON) == 31
    due.take(NOON, 10)
    assert due.due(NOON) == 21


def looks(due: DueIndex, row: Row, seconds: int) -> list[int]:
    """The seconds after noon at which the row, always due, is looked at."""
    seen = []
    for s in range(seconds):
        now = NOON + timedelta(seconds=s)
        if due.take(now, 10) == [row]:
            seen.append(s)
            due.put_off(row, now, None)
    return seen


def test_a_due_row_comes_again_slower_until_it_changes() -> None:
    due = index()
    due.put(*A, NOON)
    assert looks(due, A, 100) == [0, 5, 15, 35, 55, 75, 95]
    due.put(*A, at("13:00"))
    assert due.take(at("12:30"), 10) == [A], "an entry of before: who looks finds nothing due"
    assert due.take(at("13:00"), 10) == [A]


def test_what_else_is_due_in_the_row_is_not_late_for_the_retry() -> None:
    due = index()
    due.put(*A, NOON)
    assert due.take(NOON, 10) == [A]
    due.put_off(A, NOON, NOON + timedelta(seconds=2))
    assert due.take(NOON + timedelta(seconds=1), 10) == []
    assert due.take(NOON + timedelta(seconds=2), 10) == [A]


def test_while_a_row_is_put_off_its_older_entries_do_not_bring_it_back() -> None:
    due = index()
    due.put(*A, at("12:00:03"))
    due.put(*A, NOON)
    assert due.take(NOON, 10) == [A]
    due.put_off(A, NOON, None)
    assert due.take(at("12:00:04"), 10) == []
    assert due.take(at("12:00:05"), 10) == [A]


def test_a_row_with_nothing_due_is_forgotten() -> None:
    due = index()
    due.put(*A, None)
    assert due.next_at() is None
    assert len(due) == 0


def test_tables_are_apart() -> None:
    due = index()
    due.put("t", "a", NOON)
    due.put("u", "a", at("12:01"))
    assert due.take(NOON, 10) == [("t", "a")]
    assert due.take(at("12:01"), 10) == [("u", "a")]


def test_a_row_that_changes_for_ever_fills_no_memory() -> None:
    due = index()
    for n in range(250_000):
        due.put("t", "a", NOON + timedelta(seconds=n % 7))
    assert len(due) < 110_000


def test_a_row_takes_less_than_a_hundred_bytes() -> None:
    tracemalloc.start()
    try:
        due = index()
        for n in range(20_000):
            due.add("bookings", f"{n:032x}", NOON + timedelta(seconds=n))
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert taken / 20_000 < 100
