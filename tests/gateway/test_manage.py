from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from httpx import AsyncClient as Web
from msgspec.structs import replace

from gateway.lookup import ManagedEvent, RecordsAway
from rules.ids import phone_ref
from rules.links import manage_token
from schemas.consent import ConsentChange
from schemas.ledger import ConsentFact
from schemas.sms import InboundSms
from tests.gateway.desk import NOW, PHONE, Desk
from tests.gateway.visitor import hidden, words

REF = phone_ref(b"example-reference", PHONE)
TOKEN = manage_token(b"example-link", "acme", "b1", REF)
URL = f"/m/{TOKEN}"
EVENT = ManagedEvent(
    workspace_id="acme",
    workspace_name="Acme <Research>",
    event_id="b1",
    person_id="p1",
    phone=PHONE,
    phone_ref=REF,
    is_current=True,
    status="booked",
    starts_at=datetime(2030, 5, 7, 18, 30, tzinfo=UTC),
    zone="America/Chicago",
    place="12 Main St",
    join_url="https://meet.example/j/1",
    manage_url="https://rally.example/b1",
)


@dataclass
class Link:
    desk: Desk

    def to(self, **changes: Any) -> None:
        self.desk.books.events[TOKEN] = replace(EVENT, **changes)


@pytest.fixture(autouse=True)
def link(at_desk: Desk) -> Link:
    at_desk.books.settings["acme", None, "allowed_hosts"] = ["Meet.example", "rally.example"]
    link = Link(at_desk)
    link.to()
    return link


async def press(web: Web, button: str, **headers: str) -> Any:
    page = await web.get(URL)
    return await web.post(f"{URL}/{button}", data=hidden(page.text), headers=headers)


async def test_the_page_shows_the_booking_and_does_nothing(web: Web, at_desk: Desk) -> None:
    page = await web.get(URL)
    read = words(page.text)
    assert page.status_code == 200
    for part in ("Acme <Research>", "Tue May 7, 1:30 PM CDT", "12 Main St", "Remove my number"):
        assert part in read
    assert 'href="https://meet.example/j/1"' in page.text
    assert 'href="https://rally.example/b1"' in page.text
    assert PHONE[1:] not in page.text
    for method in (web.get, web.head):
        for path in (f"{URL}/remove", f"{URL}/stop"):
            assert (await method(path)).status_code in (404, 405)
    await at_desk.settled()
    assert (at_desk.paper.messages, at_desk.board.raised) == ([], [])


async def test_a_link_to_a_host_not_allowed_is_not_shown(web: Web, link: Link) -> None:
    link.to(join_url="https://evil.example/j", manage_url="https://evil.example/m")
    assert "evil" not in (await web.get(URL)).text


async def test_a_workspace_that_allowed_no_host_shows_no_link(web: Web, at_desk: Desk) -> None:
    del at_desk.books.settings["acme", None, "allowed_hosts"]
    assert "meet.example" not in (await web.get(URL)).text


async def test_a_cancelled_booking_says_so_and_has_no_join_link(web: Web, link: Link) -> None:
    link.to(status="cancelled")
    page = await web.get(URL)
    assert "This interview is cancelled" in words(page.text)
    assert "meet.example" not in page.text


async def test_remove_ends_consent_of_this_person_phone_and_workspace(web: Web, at_desk: Desk) -> None:
    answer = await press(web, "remove")
    assert answer.status_code == 200
    assert "Your number is removed" in words(answer.text)
    await at_desk.settled()
    [change] = at_desk.paper.of(ConsentChange)
    assert (change.action, change.source, change.phone_wide) == ("withdraw", "manage_page", False)
    assert (change.workspace_id, change.person_id, change.phone) == ("acme", "p1", PHONE)
    [flag] = at_desk.board.raised
    assert (flag.name, flag.workspace_id, flag.person_id, flag.phone_ref) == ("ended", "acme", "p1", REF)
    [fact] = at_desk.paper.of(ConsentFact)
    assert (fact.kind, fact.source, fact.drained) == ("stop_effective", "manage_page", "empty")


async def test_stop_goes_the_way_of_a_texted_stop(web: Web, at_desk: Desk) -> None:
    answer = await press(web, "stop")
    assert "text START to +1-330-661-9491" in words(answer.text)
    await at_desk.settled()
    [sms] = at_desk.paper.of(InboundSms)
    assert (sms.text, sms.phone, sms.phone_ref, sms.signature) == ("STOP", PHONE, REF, "page")
    assert [(flag.name, flag.phone_ref) for flag in at_desk.board.raised] == [("stop", REF)]
    assert [fact.source for fact in at_desk.paper.of(ConsentFact)] == ["manage_page"]


@pytest.mark.parametrize(
    ("button", "kind", "name"),
    [("remove", ConsentChange, "message_id"), ("stop", InboundSms, "inbound_uuid")],
)
async def test_a_double_press_is_one(
    web: Web, at_desk: Desk, button: str, kind: type[ConsentChange], name: str
) -> None:
    form = hidden((await web.get(URL)).text)
    for _ in range(2):
        await web.post(f"{URL}/{button}", data=form)
    await at_desk.settled()
    assert len({getattr(message, name) for message in at_desk.paper.of(kind)}) == 1


@pytest.mark.parametrize("form", [{}, {"form": "forged"}])
async def test_a_press_counts_however_old_or_odd_the_form(
    web: Web, at_desk: Desk, form: dict[str, str]
) -> None:
    assert (await web.post(f"{URL}/stop", data=form)).status_code == 200
    assert len(at_desk.paper.of(InboundSms)) == 1


async def test_another_site_presses_no_button(web: Web, at_desk: Desk) -> None:
    for button in ("remove", "stop"):
        assert (await press(web, button, **{"Sec-Fetch-Site": "cross-site"})).status_code == 409
    assert at_desk.paper.messages == []


@pytest.mark.parametrize("button", ["remove", "stop"])
async def test_without_kafka_the_press_is_on_disk_and_the_flag_stands(
    web: Web, at_desk: Desk, button: str
) -> None:
    at_desk.paper.error = TimeoutError()
    assert (await press(web, button)).status_code == 200
    await at_desk.settled()
    assert len(at_desk.board.raised) == 1
    assert len(await at_desk.edge.spool.waiting()) == 2


@pytest.mark.parametrize("token", ["x" * 22, manage_token(b"another", "acme", "b1", REF), "%00"])
async def test_an_unknown_link_says_so_politely(web: Web, at_desk: Desk, token: str) -> None:
    at_desk.books.events[token] = EVENT
    for method, path in ((web.get, ""), (web.post, "/remove"), (web.post, "/stop")):
        answer = await method(f"/m/{token}{path}")
        assert answer.status_code == 404
        assert "reply STOP" in words(answer.text)
    assert at_desk.paper.messages == []


@pytest.mark.parametrize(
    ("now", "is_current", "shown"),
    [
        (NOW, True, True),
        (NOW, False, False),
        (datetime(2030, 5, 9, 4, 59, tzinfo=UTC), True, True),
        (datetime(2030, 5, 9, 5, 0, tzinfo=UTC), True, False),
    ],
)
async def test_details_show_to_the_current_phone_until_the_day_after(
    web: Web, link: Link, now: datetime, is_current: bool, shown: bool
) -> None:
    link.desk.now[0] = now
    link.to(is_current=is_current)
    page = await web.get(URL)
    assert ("12 Main St" in page.text) == shown
    assert ("meet.example" in page.text) == shown
    assert ("1:30 PM" in page.text) == shown
    assert "Remove my number" in page.text


async def test_records_that_do_not_answer_are_no_dead_link(web: Web, at_desk: Desk) -> None:
    at_desk.books.error = RecordsAway()
    assert (await web.get(URL)).status_code == 503


async def test_a_page_of_long_ago_still_removes(web: Web, at_desk: Desk) -> None:
    at_desk.now[0] = NOW + timedelta(days=300)
    assert (await press(web, "remove")).status_code == 200
    assert len(at_desk.paper.of(ConsentChange)) == 1
