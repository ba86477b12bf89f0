from urllib.parse import parse_qs, urlsplit

import pytest
from httpx import AsyncClient as Web

from rules.links import SignedReturn, unsign
from rules.texts import CONSENT_TEXT, CONSENT_VERSION, consent_sha256
from schemas.sign_ups import SignUp
from tests.gateway.desk import NOW, PHONE, Desk
from tests.gateway.visitor import KEY, RETURN, START, hidden, invited, send, words


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


@pytest.mark.parametrize("name", ["pages.css", "join.js"])
async def test_style_and_script_come_from_here(web: Web, name: str) -> None:
    assert (await web.get(f"/static/{name}")).status_code == 200
