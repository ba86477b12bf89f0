"""What is due when: in order, again and slower until the row changes, never from a row of before."""

from datetime import timedelta

from schemas.bookings import Tidy
from streams.due_index import DueIndex
from tests.makers import at

NOON = at("12:00")
ONE, TWO = Tidy(phone_ref="1" * 32), Tidy(phone_ref="2" * 32)


def index() -> DueIndex:
    return DueIndex(timedelta(seconds=5), timedelta(seconds=20))


def test_ticks_come_in_order_of_time_and_not_before() -> None:
    due = index()
    due.put("t", "b", [(at("12:02"), TWO)])
    due.put("t", "a", [(at("12:01"), ONE)])
    assert due.next_at() == at("12:01")
    assert due.take(NOON, 10) == []
    assert due.take(at("12:02"), 10) == [ONE, TWO]


def test_no_more_than_asked_for() -> None:
    due = index()
    due.put("t", "a", [(NOON, ONE), (NOON, TWO)])
    assert due.take(NOON, 1) == [ONE]
    assert due.take(NOON, 10) == [TWO]


def test_a_tick_comes_again_slower_until_its_row_changes() -> None:
    due = index()
    due.put("t", "a", [(NOON, ONE)])
    taken = [s for s in range(100) if due.take(NOON + timedelta(seconds=s), 10)]
    assert taken == [0, 5, 15, 35, 55, 75, 95]
    due.put("t", "a", [(at("13:00"), TWO)])
    assert due.take(at("12:30"), 10) == []
    assert due.take(at("13:00"), 10) == [TWO]


def test_a_row_that_is_gone_has_no_ticks() -> None:
    due = index()
    due.put("t", "a", [(NOON, ONE)])
    due.put("t", "a", [])
    assert due.next_at() is None
    assert due.take(at("13:00"), 10) == []
    assert len(due) == 0


def test_tables_and_keys_are_apart() -> None:
    due = index()
    due.put("t", "a", [(NOON, ONE)])
    due.put("u", "a", [(NOON, TWO)])
    due.put("u", "a", [])
    assert due.take(NOON, 10) == [ONE]
