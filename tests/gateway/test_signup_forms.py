from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient as Web

from gateway.lookup import RecordsAway
from schemas.sign_ups import SignUp
from tests.gateway.desk import NOW, PHONE, Desk
from tests.gateway.visitor import hidden, invited, send, words


@pytest.mark.parametrize(
    "typed", ["", "12", "+1 202 555", "call me", "+999 123456789", "202555012x", "+1" + "2" * 300]
)
async def test_a_wrong_number_is_shown_again_with_the_reason_and_not_recorded(
    web: Web, at_desk: Desk, typed: str
) -> None:
    answer = await send(web, invited(), phone=typed)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert at_desk.paper.messages == []


async def test_the_same_form_sent_twice_is_one_sign_up(web: Web, at_desk: Desk) -> None:
    url = invited()
    page = await web.get(url)
    for _ in range(2):
        await web.post(url, data={**hidden(page.text), "phone": PHONE})
        at_desk.now[0] += timedelta(seconds=1)
    assert len({record.sign_up_id for record in at_desk.paper.of(SignUp)}) == 1


async def test_a_form_that_we_did_not_show_for_this_invitation_records_nothing(
    web: Web, at_desk: Desk
) -> None:
    url, other = invited(), invited(invitation_id="inv-2")
    foreign = hidden((await web.get(other)).text)
    for form in ({}, {"form": "x"}, {"form": "..."}, foreign):
        answer = await web.post(url, data={**form, "phone": PHONE})
        assert answer.status_code == 409
        assert f'value="{PHONE}"' in answer.text
    at_desk.now[0] = NOW + timedelta(hours=25)
    late = invited(expires_at=NOW + timedelta(days=3))
    at_desk.now[0] = NOW
    form = hidden((await web.get(late)).text)
    at_desk.now[0] = NOW + timedelta(hours=25)
    assert (await web.post(late, data={**form, "phone": PHONE})).status_code == 409
    assert at_desk.paper.messages == []


async def test_another_site_cannot_send_the_form(web: Web, at_desk: Desk) -> None:
    url = invited()
    form = hidden((await web.get(url)).text)
    answer = await web.post(url, data={**form, "phone": PHONE}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 409
    assert at_desk.paper.messages == []


async def test_without_kafka_the_visitor_keeps_what_they_typed(web: Web, at_desk: Desk) -> None:
    at_desk.paper.error = TimeoutError()
    answer = await send(web, invited(), phone=PHONE)
    assert answer.status_code == 503
    assert f'value="{PHONE}"' in answer.text
    at_desk.paper.error = None
    again = await web.post(invited(), data={**hidden(answer.text), "phone": PHONE})
    assert again.status_code == 200
    assert len(at_desk.paper.of(SignUp)) == 1


async def test_without_records_nothing_is_asked(web: Web, at_desk: Desk) -> None:
    at_desk.books.error = RecordsAway()
    answer = await web.get(invited())
    assert answer.status_code == 503
    assert "<form" not in answer.text


async def test_typed_text_cannot_break_out_of_the_page(web: Web) -> None:
    nasty = '"><script>alert(1)</script>'
    answer = await send(web, invited(), phone=nasty)
    assert "<script>alert" not in answer.text


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("2025550123", {"ok": True, "reason": "", "served": True}),
        ("+1 416 555 0123", {"ok": True, "reason": "", "served": True}),
        ("+49 30 901820", {"ok": True, "reason": "", "served": False}),
        (
            "+1 900 555 0123",
            {
                "ok": False,
                "reason": "Numbers of this kind can't be texted. Use a mobile number.",
                "served": False,
            },
        ),
        ("202555", {"ok": False, "reason": "This number is too short.", "served": False}),
    ],
)
async def test_a_number_is_checked_as_it_is_typed(web: Web, typed: str, found: dict[str, Any]) -> None:
    assert (await web.post("/join/check", data={"phone": typed})).json() == found


async def test_a_number_of_a_country_not_served_is_taken_and_the_page_said_so(
    web: Web, at_desk: Desk
) -> None:
    page = await web.get(invited())
    assert "numbers in Canada and the United States" in words(page.text)
    assert (await send(web, invited(), phone="+49 30 901820")).status_code == 200
    assert [record.phone for record in at_desk.paper.of(SignUp)] == ["+4930901820"]
