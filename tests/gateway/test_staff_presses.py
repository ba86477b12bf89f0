"""One showing of a page has many buttons, and one name for its forms: each button is a press of its own."""

from typing import Any

import pytest
from httpx import AsyncClient as Web

from schemas.consent import ConsentChange
from schemas.settings import SettingsChange
from tests.gateway.desk import Desk
from tests.gateway.staff import booking, fill, setting, sign_in
from tests.gateway.visitor import hidden

pytestmark = pytest.mark.usefixtures("at_once")
PAGE = "/admin/acme/people/p1"
NARROW = {"scope": "person", "reason": "asked by mail"}
WIDE = {"scope": "phone", "reason": "asked for all of it"}
GRANT = {"agreed_on": "2026-11-24", "reason": "by phone"}


@pytest.fixture
async def form(web: Web, at_desk: Desk) -> dict[str, str]:
    """The hidden fields of a profile that is shown once."""
    fill(at_desk)
    at_desk.books.put(booking(booking_id="b2", event_id="b2"))
    await sign_in(web)
    return hidden((await web.get(PAGE)).text)


async def press(web: Web, form: dict[str, str], *presses: tuple[str, dict[str, str]]) -> None:
    for button, fields in presses:
        answer = await web.post(f"{PAGE}/{button}", data={**form, **fields})
        assert answer.status_code == 303, answer.text


def ids(desk: Desk, kind: Any = ConsentChange) -> list[str]:
    return [change.message_id for change in desk.paper.of(kind)]


async def test_a_wider_withdrawal_after_going_back_is_no_repeat(
    web: Web, at_desk: Desk, form: dict[str, str]
) -> None:
    await press(web, form, ("withdraw", NARROW), ("withdraw", WIDE))
    await at_desk.settled()
    assert {flag.workspace_id for flag in at_desk.board.raised} == {"acme", None}
    assert len(set(ids(at_desk))) == 2


async def test_kafka_away_both_withdrawals_wait_on_disk(
    web: Web, at_desk: Desk, form: dict[str, str]
) -> None:
    at_desk.paper.error = TimeoutError()
    await press(web, form, ("withdraw", NARROW), ("withdraw", WIDE), ("withdraw", WIDE))
    kept = (await at_desk.edge.spool.waiting()).values()
    changes = [message for message in kept if isinstance(message, ConsentChange)]
    assert sorted(change.phone_wide for change in changes) == [False, True]


async def test_consent_for_two_events_from_one_page_is_two(
    web: Web, at_desk: Desk, form: dict[str, str]
) -> None:
    both = [("grant", {**GRANT, "event_id": event}) for event in ("b1", "b2", "b2", "")]
    await press(web, form, *both)
    one, two, again, everywhere = ids(at_desk)
    assert two == again
    assert len({one, two, everywhere}) == 3


async def test_a_grant_corrected_after_going_back_is_no_repeat(
    web: Web, at_desk: Desk, form: dict[str, str]
) -> None:
    right = GRANT | {"event_id": "b1"}
    wrong = [right | {"agreed_on": "2026-11-20"}, right | {"reason": "by mail"}]
    await press(web, form, *(("grant", fields) for fields in (*wrong, right, right)))
    *others, once, again = ids(at_desk)
    assert once == again
    assert len({*others, once}) == 3


async def test_a_withdrawal_after_a_grant_has_a_name_of_its_own(
    web: Web, at_desk: Desk, form: dict[str, str]
) -> None:
    await press(web, form, ("grant", {**GRANT, "event_id": "b1"}), ("withdraw", NARROW))
    assert len(set(ids(at_desk))) == 2


async def test_switches_of_two_studies_from_one_page_are_two(web: Web, at_desk: Desk) -> None:
    fill(at_desk)
    at_desk.books.put(*setting(study_id="s1", name="interview_reminder"))
    await sign_in(web)
    form = hidden((await web.get("/admin/acme/studies")).text)
    for study in ("s1", "s2"):
        await web.post(f"/admin/acme/studies/{study}", data={**form, "value": "off"})
    assert len(set(ids(at_desk, SettingsChange))) == 2


@pytest.mark.parametrize(
    ("zone", "days"),
    [
        ("Pacific/Auckland", {"2026-11-25": 303, "2026-11-26": 422}),  # there it is already the 25th
        ("America/Los_Angeles", {"2026-11-24": 303, "2026-11-25": 422}),
    ],
)
async def test_they_may_have_agreed_today_as_the_workspace_counts_days(
    web: Web, at_desk: Desk, form: dict[str, str], zone: str, days: dict[str, int]
) -> None:
    at_desk.books.settings["acme", None, "zone"] = zone
    for day, status in days.items():
        answer = await web.post(f"{PAGE}/grant", data={**form, **GRANT, "event_id": "b1", "agreed_on": day})
        assert answer.status_code == status, day
