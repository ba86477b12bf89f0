"""What is due is judged by the row as it is, whatever the index remembers."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from schemas.bookings import DueText, Tidy
from schemas.rows import EventRow, PhoneRow, PhoneStops
from schemas.sms import HoldOver
from streams.due_index import DueIndex
from streams.ticks import Ticks
from tests.desk import Desk
from tests.makers import PHONE, a_booking, at, policy, ref

KEY = ref(PHONE)


class Rows(dict[tuple[str, str], Any]):
    """Rows of a partition and the ticks that follow them."""

    def __init__(self) -> None:
        super().__init__()
        index = DueIndex(timedelta(seconds=5), timedelta(seconds=20))
        self.ticks = Ticks(index, lambda table, key: self.get((table, key)), policy())

    def change(self, table: str, row: Any) -> None:
        self[table, KEY] = row
        self.ticks.changed(table, KEY, row)

    def due(self, clock: str, limit: int = 10) -> list[str]:
        return [type(message).__name__ for message in self.ticks.take(at(clock), limit)]


@pytest.fixture
def row() -> Any:
    """A phone with a confirmation due at 13:00 and a reminder due at 14:45."""
    desk = Desk()
    desk.put(a_booking())
    return desk.tables.bookings[KEY]


def test_each_open_text_gets_its_tick_when_it_is_due(row: Any) -> None:
    rows = Rows()
    rows.change("bookings", row)
    times = sorted({text.due_at for event in row.events.values() for text in event.texts.values()})
    assert rows.ticks.next_at() == times[0]
    assert rows.ticks.take(times[0] - timedelta(microseconds=1), 10) == []
    assert [type(m) for m in rows.ticks.take(times[0], 10)] == [DueText]
    later = rows.ticks.take(times[-1], 10)
    assert [type(m) for m in later] == [DueText] * len(times), "the first is not done yet"
    assert {m.text_id for m in later if isinstance(m, DueText)} == {
        text_id for event in row.events.values() for text_id in event.texts
    }


def test_a_row_that_is_over_is_tidied(row: Any) -> None:
    rows = Rows()
    rows.ticks.load("bookings", KEY, row)
    rows["bookings", KEY] = row
    ticks = rows.ticks.take(at("12:00", day=40), 10)
    assert any(isinstance(tick, Tidy) for tick in ticks)


def test_a_row_that_is_gone_has_no_ticks(row: Any) -> None:
    rows = Rows()
    rows.change("bookings", row)
    rows.change("bookings", None)
    assert rows.due("23:00") == []
    assert rows.ticks.next_at() is None


def test_an_entry_of_before_changes_nothing_and_loses_nothing(row: Any) -> None:
    """The index still knows the time before the change; the row says the later one."""
    rows = Rows()
    rows.change("bookings", row)
    first = rows.ticks.next_at()
    assert first is not None
    rows.change("bookings", delayed(row, timedelta(minutes=5)))
    assert rows.ticks.take(first, 10) == []
    assert rows.ticks.next_at() == first + timedelta(minutes=5)
    assert len(rows.ticks.take(first + timedelta(minutes=5), 10)) == 1


def delayed(row: PhoneRow, by: timedelta) -> PhoneRow:
    def moved(event: EventRow) -> EventRow:
        return replace(event, texts={n: replace(t, due_at=t.due_at + by) for n, t in event.texts.items()})

    return replace(row, events={name: moved(event) for name, event in row.events.items()})


def test_a_hold_ends_by_a_tick() -> None:
    rows = Rows()
    rows.change("opt_outs", PhoneStops(phone=PHONE, hold_at=at("12:00")))
    over = at("12:00") + policy().hold
    assert rows.ticks.next_at() == over
    assert [type(tick) for tick in rows.ticks.take(over, 10)] == [HoldOver]


def test_other_tables_have_no_ticks() -> None:
    rows = Rows()
    rows.change("consents", object())
    assert len(rows.ticks) == 0
