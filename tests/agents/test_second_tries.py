"""An accepted reminder may go a second time: the plan calls that back as it does what is under way."""

from typing import Any

import pytest

from schemas.deliveries import Delivery
from schemas.erasure import ErasePlans
from tests.desk import Desk, ended, of, planned, sent, withdrawn
from tests.makers import OTHER_PHONE, PHONE, a_booking_event, a_sign_up, at, ref

START = at("15:00")
"""The start that was reminded of."""


def reminded() -> Desk:
    """A desk whose reminder for 15:00 was accepted at 14:45."""
    desk = Desk()
    desk.put(a_booking_event(), a_sign_up(), a_sign_up(sign_up_id="su2", person_id="p2"))
    desk.run_to(at("14:45"))
    [reminder] = desk.texts("interview_reminder")
    assert (reminder.end, reminder.expires_at) == ("accepted", START)
    return desk


def revised(desk: Desk, when: str, revision: int, **changes: Any) -> list[Any]:
    desk.run_to(at(when))
    return desk.put(a_booking_event(revision=revision, **changes))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"starts_at": at("18:00")}, "moved"),
        ({"status": "cancelled"}, "cancelled"),
        # as the row of the old phone has it
        ({"phone": OTHER_PHONE}, "phone_changed"),
        # another person on the same phone gets a reminder of their own
        ({"person_id": "p2"}, "nothing_new"),
    ],
)
def test_what_is_no_longer_so_does_not_go_a_second_time(changes: dict[str, Any], reason: str) -> None:
    desk = reminded()
    first = desk.texts("interview_reminder")[0]
    out = revised(desk, "14:46", 2, **changes)
    assert ("reminder", reason) in withdrawn(out)
    kept = desk.event().texts[first.text_id]
    assert (kept.state, kept.end, kept.struck) == ("ended", "accepted", True)


def test_what_is_still_so_may_go_again() -> None:
    assert withdrawn(revised(reminded(), "14:46", 2, join_url="https://meet.example/2")) == []


def test_once_its_time_is_over_there_is_nothing_to_call_back() -> None:
    assert "reminder" not in dict(withdrawn(revised(reminded(), "15:00", 2, starts_at=at("18:00"))))
    assert "reminder" in dict(withdrawn(revised(reminded(), "14:59:59", 2, starts_at=at("18:00"))))


def test_it_is_called_back_once_though_its_end_is_told_again() -> None:
    desk = reminded()
    [reminder] = [d for d in of(desk.out, Delivery) if d.text.wording == "reminder"]
    revised(desk, "14:46", 2, starts_at=at("18:00"))
    assert withdrawn(revised(desk, "14:47", 3, starts_at=at("18:00"))) == []
    assert withdrawn(desk.put(ended(reminder))) == []


@pytest.mark.parametrize("first", ["accepted", "unresolved"])
def test_one_called_back_too_late_is_not_called_back_again(first: str) -> None:
    """The sender keeps the withdrawal until the text can go no more."""
    desk = Desk(accepts=False)
    desk.put(a_booking_event(), a_sign_up())
    desk.put(ended(of(desk.run_to(at("12:00")), Delivery)[0]))
    [reminder] = of(desk.run_to(at("14:45")), Delivery)
    assert ("reminder", "moved") in withdrawn(revised(desk, "14:46", 2, starts_at=at("18:00")))
    assert withdrawn(desk.put(ended(reminder, first))) == []
    assert withdrawn(desk.put(ended(reminder))) == []


@pytest.mark.parametrize(
    "changes", [{"starts_at": at("18:00")}, {"status": "cancelled"}, {"person_id": "p2"}]
)
def test_there_and_back_plans_no_other_version(changes: dict[str, Any]) -> None:
    """The sender takes none of a text that was accepted: it would stand as released for ever."""
    desk = reminded()
    [first] = desk.texts("interview_reminder")
    revised(desk, "14:46", 2, **changes)
    desk.run_to(at("14:48"))
    out = revised(desk, "14:49", 3)
    assert planned(out).count("reminder") == 0
    assert "reminder" not in sent(desk.run_to(at("15:00")))
    after = desk.event().texts[first.text_id]
    assert (after.plan_version, after.state, after.end) == (first.plan_version, "ended", "accepted")


def test_an_erased_phone_gets_no_second_try() -> None:
    order = ErasePlans(erasure_id="e1", phone_ref=ref(PHONE), at=at("14:46"))
    desk = reminded()
    desk.run_to(at("14:46"))
    assert withdrawn(desk.put(order)) == [("reminder", "erased")]
    late = reminded()
    late.run_to(START)
    assert withdrawn(late.put(order)) == []
