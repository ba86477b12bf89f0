"""Ids are upstream's: they may hold what means something in an address, and letters of any language."""

import re
from html import unescape

import pytest
from httpx import AsyncClient as Web

from gateway.auth import Caller, digest_of
from schemas.consent import ConsentChange
from tests.gateway.desk import Desk
from tests.gateway.staff import booking, consent, fill, setting, sign_in
from tests.gateway.visitor import hidden

pytestmark = pytest.mark.usefixtures("at_once")
NAMES = ["p#1", "p?x=1", "p%2F1", "p&<b>\"'", "人", "é;1"]


def links(page: str) -> list[str]:
    return [unescape(link) for link in re.findall(r'(?:href|action)="(/admin[^"]*)"', page)]


@pytest.mark.parametrize("name", NAMES)
async def test_whatever_a_workspace_and_its_people_are_called_each_link_leads_to_them(
    web: Web, at_desk: Desk, name: str
) -> None:
    fill(at_desk)
    odd = {"workspace_id": name, "person_id": name, "study_id": name}
    at_desk.books.put(booking(booking_id=name, event_id=name, **odd))
    at_desk.books.put(consent(consent_id="c2", workspace_id=name, person_id=name, event_id=name))
    at_desk.books.put(*setting(study_id="s1", name="interview_reminder"))
    at_desk.edge.callers[digest_of("odd-admin")] = Caller(name, "admin")
    await sign_in(web, "odd-admin")
    home = (await web.get("/admin")).headers["location"]
    seen, todo = set(), [home]
    while todo:
        page = todo.pop()
        answer = await web.get(page)
        assert answer.status_code in (200, 405), page  # 405: what only a form is sent to
        seen.add(page)
        todo += [
            link for link in links(answer.text) if link not in {*seen, *todo} and link != "/admin/sign-out"
        ]
    assert len(seen) >= 12


@pytest.mark.parametrize("name", NAMES)
async def test_after_a_press_the_page_of_that_person_is_shown_again(
    web: Web, at_desk: Desk, name: str
) -> None:
    fill(at_desk)
    at_desk.books.put(booking(person_id=name, booking_id="b2", event_id="b2"))
    await sign_in(web)
    [page] = {link for link in links((await web.get("/admin/acme/people")).text) if "/people/p1" not in link
              and "/people/" in link}  # fmt: skip
    form = hidden((await web.get(page)).text)
    answer = await web.post(f"{page}/withdraw", data={**form, "scope": "person", "reason": "asked"})
    assert answer.status_code == 303
    assert [change.person_id for change in at_desk.paper.of(ConsentChange)] == [name]
    assert (await web.get(answer.headers["location"])).status_code == 200
    assert "It was taken" in (await web.get(answer.headers["location"])).text
