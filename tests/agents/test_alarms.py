"""Ticks of a forecast: each once, in order of time, and none of a row that was written since."""

from agents.alarms import Alarms, Rows
from agents.foresight import Foresight
from schemas.bookings import DueText
from tests.desk import Desk
from tests.makers import OTHER_PHONE, PHONE, a_booking_event, a_sign_up, an_sms, at, policy, ref


def alarms(desk: Desk) -> tuple[Alarms, Rows]:
    bookings, opt_outs = Rows(), Rows()
    for key, row in desk.tables.bookings.items():
        bookings[key] = row
    for key, row in desk.tables.opt_outs.items():
        opt_outs[key] = row
    return Alarms(bookings, opt_outs, desk.policy), bookings


def test_ticks_come_once_in_order_of_time() -> None:
    desk = Desk()
    desk.put(a_booking_event(), a_booking_event(booking_id="b2", phone=OTHER_PHONE, starts_at=at("14:30")))
    desk.put(an_sms("can we stop a bit earlier", received_at=at("12:00")))
    taken, _ = alarms(desk)
    times = []
    while (tick := taken.take(None)) is not None:
        times.append(tick[0])
    assert times == [at("12:00"), at("12:00"), at("14:15"), at("14:45"), at("12:00", day=1)]


def test_nothing_is_taken_before_its_time() -> None:
    desk = Desk()
    desk.put(a_booking_event())
    taken, _ = alarms(desk)
    assert taken.take(at("11:59")) is None
    assert taken.take(at("12:00")) is not None
    assert taken.take(at("14:44")) is None
    assert taken.take(at("14:45")) is not None


def test_a_row_that_was_written_has_new_ticks_and_no_old_ones() -> None:
    desk = Desk()
    desk.put(a_booking_event(), a_sign_up())
    taken, bookings = alarms(desk)
    assert taken.take(None) is not None
    desk.run_to(at("12:00"))
    desk.put(a_booking_event(revision=2, starts_at=at("16:00")))
    bookings[ref(PHONE)] = desk.tables.bookings[ref(PHONE)]
    ticks = [taken.take(None) for _ in range(3)]
    assert [tick and tick[0] for tick in ticks] == [at("12:01"), at("15:45"), None]
    assert all(isinstance(tick[1], DueText) for tick in ticks if tick)


def test_a_thousand_bookings_are_foreseen_one_by_one() -> None:
    """Each record is a step of its own, whose cost does not hang on how many came before."""
    foresight = Foresight(policy())
    for n in range(1000):
        foresight.take(a_booking_event(booking_id=f"b{n}", phone=f"+1330823{n:04}"), at("12:00"))
    foresight.run_to(None)
    assert len([text for text in foresight.texts if text.goes_at]) == 2000
