"""What a replay would hand to the sender."""

from typing import Any

from msgspec.structs import replace

from agents.alarms import Rows
from agents.replay import Outcome, copied, replayed
from schemas.base import Message
from schemas.deliveries import ScopeWithdrawal
from schemas.phone_states import StopState
from schemas.settings import SettingCopy
from tests.desk import Desk, sent, withdrawn
from tests.makers import OTHER_PHONE, a_booking_event, a_setting, a_sign_up, an_sms, at, ref

RECORDS: list[Message] = [a_setting(), a_sign_up(), a_booking_event()]


def done(until: str) -> Desk:
    """A booking at 15:00 that was confirmed; by 15:00 its reminder went too."""
    desk = Desk()
    desk.put(*RECORDS)
    desk.run_to(at(until))
    return desk


def again(desk: Desk, *records: Message, at_clock: str) -> Outcome:
    return replayed(desk.tables, records, desk.policy, at(at_clock))


def test_of_finished_texts_nothing_goes_again() -> None:
    assert again(done("15:00"), *RECORDS, at_clock="15:01").told == []


def test_an_open_text_in_time_goes_with_and_without_the_replay() -> None:
    desk = done("13:00")
    assert sent(again(desk, at_clock="13:00").told) == ["reminder"]
    assert sent(again(desk, *RECORDS, at_clock="13:00").told) == ["reminder"]


def test_an_open_text_that_is_late_is_withdrawn() -> None:
    outcome = again(done("13:00"), *RECORDS, at_clock="15:01")
    assert withdrawn(outcome.told) == [("reminder", "expired")]


def test_what_was_lost_goes_because_of_the_replay() -> None:
    lost = a_booking_event(booking_id="b2", phone=OTHER_PHONE)
    consent = a_sign_up(event_id="b2", phone=OTHER_PHONE, sign_up_id="su2")
    outcome = again(done("15:00"), consent, lost, at_clock="14:00")
    assert sent(outcome.told) == ["confirmation", "reminder"]


def test_all_is_read_before_anything_goes() -> None:
    desk = done("13:00")
    cancelled = a_booking_event(revision=2, status="cancelled")
    outcome = again(desk, cancelled, at_clock="14:50")
    assert "reminder" not in sent(outcome.told)
    assert ("reminder", "cancelled") in withdrawn(outcome.told)


def test_a_stop_that_is_read_again_is_told_before_what_it_silences() -> None:
    outcome = again(done("13:00"), an_sms("STOP"), at_clock="13:10")
    assert any(isinstance(message, StopState) for message in outcome.told)
    assert "reminder" not in sent(outcome.told)


def test_a_start_is_taken_to_be_in_the_carriers_list() -> None:
    desk = done("13:00")
    desk.put(an_sms("STOP"))
    outcome = again(desk, an_sms("START", received_at=at("13:05")), at_clock="13:06")
    assert "reminder" in sent(outcome.told)


def test_what_cannot_be_meant_is_counted() -> None:
    assert again(done("13:00"), a_booking_event(replaces_booking_id="b0"), at_clock="13:00").refused == 1


def test_the_settings_of_all_partitions_are_one() -> None:
    desk = done("13:00")
    [(key, switch)] = desk.tables.switches.items()
    desk.tables.switches[key.replace("0|", "3|", 1)] = replace(switch, revision=2, value=False)
    assert copied(desk.tables).switches == {key: replace(switch, revision=2, value=False)}
    desk.tables.switches[key.replace("0|", "4|", 1)] = switch  # a partition that is behind
    assert copied(desk.tables).switches == {key: replace(switch, revision=2, value=False)}
    assert withdrawn(again(desk, at_clock="13:00").told) == [("reminder", "workspace_off")]
    fields: dict[str, Any] = {"workspace_id": "w1", "study_id": None, "name": "sms_enabled", "reason": None}
    off = SettingCopy(partition=7, value=False, revision=3, actor="a", at=at("13:00"), **fields)
    [scope, _] = again(desk, off, at_clock="13:00").told
    assert isinstance(scope, ScopeWithdrawal)


def test_the_tables_stay_as_they_are() -> None:
    desk = done("13:00")
    before = dict(desk.tables.bookings), dict(desk.tables.event_phones)
    again(desk, a_booking_event(revision=2, starts_at=at("16:00")), at_clock="13:00")
    assert (desk.tables.bookings, desk.tables.event_phones) == before
    assert isinstance(copied(desk.tables).bookings, Rows)
    assert ref(OTHER_PHONE) not in desk.tables.bookings
