import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from httpx import AsyncClient as Web

from gateway.lookup import RecordsAway
from rules.links import Invitation, SignedReturn, sign, unsign
from rules.texts import CONSENT_TEXT, CONSENT_VERSION, consent_sha256
from schemas.bookings import SignUp
from tests.gateway.desk import NOW, PHONE, Desk

KEY = b"example-link"
START = "If you ever replied STOP to this number, text START to it"
RETURN = "https://rally.example/back?x=1"


def invited(**changes: Any) -> str:
    fields: dict[str, Any] = {
        "invitation_id": "inv-1",
        "workspace_id": "acme",
        "workspace_name": "Acme <Research>",
        "study_id": "s1",
        "study_name": "Shoes & more",
        "event_id": "b1",
        "person_id": "p1",
        "starts_at": datetime(2030, 5, 7, 18, 30, tzinfo=UTC),
        "zone": "America/Chicago",
        "expires_at": NOW + timedelta(days=1),
    }
    return f"/join/{sign(KEY, Invitation(**{**fields, **changes}), 'invitation')}"


def words(page: str) -> str:
    """What a visitor reads."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", "", page)))


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))


async def send(web: Web, url: str, **fields: str) -> Any:
    """Open the page, fill it in as it asks, submit, as a browser without scripts."""
    page = await web.get(url)
    return await web.post(url, data={**hidden(page.text), **fields})


async def test_the_page_shows_the_exact_words_and_records_nothing(web: Web, at_desk: Desk) -> None:
    page = await web.get(invited())
    assert page.status_code == 200
    read = words(page.text)
    assert CONSENT_TEXT in read
    assert "Rally SMS Consent" in read
    assert START in read
    assert '<a href="https://example.org/privacy" target="_blank"' in page.text
    assert '<a href="https://example.org/terms" target="_blank"' in page.text
    assert "Shoes & more" in read
    assert "Acme <Research>" in read
    assert "Tue May 7, 1:30 PM CDT" in read
    assert at_desk.paper.messages == []


async def test_no_page_is_kept_framed_or_told_to_others(web: Web) -> None:
    headers = (await web.get(invited())).headers
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "default-src 'none'" in headers["content-security-policy"]


async def test_submit_makes_one_record_with_all_evidence(web: Web, at_desk: Desk) -> None:
    url = invited()
    page = await web.get(url)
    answer = await web.post(
        url,
        data={**hidden(page.text), "phone": "(202) 555-0123", "zone": "America/Denver"},
        headers={"User-Agent": "Phone/1", "Accept-Language": "es-US,es;q=0.9"},
    )
    assert answer.status_code == 200
    [record] = at_desk.paper.of(SignUp)
    assert len(at_desk.paper.messages) == 1
    assert (record.workspace_id, record.study_id, record.event_id, record.person_id) == (
        "acme",
        "s1",
        "b1",
        "p1",
    )
    assert (record.phone, record.phone_typed, record.at) == (PHONE, "(202) 555-0123", NOW)
    assert (record.disclosure_version, record.disclosure_text) == (CONSENT_VERSION, CONSENT_TEXT)
    assert record.disclosure_sha256 == consent_sha256()
    assert (record.user_agent, record.locale, record.zone) == ("Phone/1", "es-US,es;q=0.9", "America/Denver")
    assert (record.act, record.source_url) == ("submit", "http://127.0.0.1:8080/join/inv-1")
    assert record.ip == "127.0.0.1"


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


@pytest.mark.parametrize(
    ("switch", "value"),
    [(("acme", None, "sms_enabled"), False), (("acme", "s1", "interview_reminder"), False)],
)
async def test_where_texts_are_off_no_word_of_them_and_no_number_is_taken(
    web: Web, at_desk: Desk, switch: tuple[str, str | None, str], value: bool
) -> None:
    url = invited(return_url=RETURN)
    form = hidden((await web.get(url)).text)
    at_desk.books.settings[switch] = value
    page = await web.get(url)
    for word in ("SMS", "phone", "STOP", "text"):
        assert word.lower() not in words(page.text).lower()
    assert 'href="https://rally.example/back?' in page.text
    answer = await web.post(url, data={**form, "phone": PHONE})
    assert answer.status_code == 303
    assert at_desk.paper.messages == []


async def test_a_workspace_that_never_turned_texts_on_has_them_off(web: Web, at_desk: Desk) -> None:
    at_desk.books.settings.clear()
    assert "SMS" not in (await web.get(invited())).text


async def test_submit_returns_to_upstream_with_both_ids_signed(web: Web, at_desk: Desk) -> None:
    url = invited(return_url=RETURN)
    page = await web.get(url)
    assert "form-action 'self' https://rally.example;" in page.headers["content-security-policy"]
    answer = await web.post(url, data={**hidden(page.text), "phone": PHONE})
    assert answer.status_code == 303
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    assert query["x"] == ["1"]
    fixed = unsign(KEY, query["sign_up"][0], "return", NOW, SignedReturn)
    assert isinstance(fixed, SignedReturn)
    assert (fixed.event_id, fixed.person_id, fixed.study_id) == ("b1", "p1", "s1")
    assert PHONE[1:] not in answer.headers["location"]


async def test_a_public_invitation_asks_who_and_fixes_ids_by_e_mail(web: Web, at_desk: Desk) -> None:
    url = invited(public=True, person_id=None, event_id=None)
    read = words((await web.get(url)).text)
    assert "Your name" in read
    assert "Your e-mail address" in read
    assert (await send(web, url, phone=PHONE, name="Jo")).status_code == 422
    assert (await send(web, url, phone=PHONE, name="Jo", email="no address")).status_code == 422
    assert at_desk.paper.messages == []
    for email in ("Jo@Example.org", " jo@example.org", "kim@example.org"):
        assert (await send(web, url, phone=PHONE, name="Jo", email=email)).status_code == 200
    one, same, other = at_desk.paper.of(SignUp)
    assert (one.event_id, one.person_id) == (same.event_id, same.person_id)
    assert other.event_id != one.event_id
    assert other.person_id != one.person_id


async def test_an_invitation_that_ended_or_was_bent_says_so_politely(web: Web, at_desk: Desk) -> None:
    assert (await web.get(invited(expires_at=NOW))).status_code == 410
    bent = invited()[:-2] + "xx"
    for method in (web.get, web.post):
        answer = await method(bent)
        assert answer.status_code == 404
        assert "<h1>" in answer.text
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


@pytest.mark.parametrize("name", ["pages.css", "join.js"])
async def test_style_and_script_come_from_here(web: Web, name: str) -> None:
    assert (await web.get(f"/static/{name}")).status_code == 200
