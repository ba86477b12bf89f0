from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from httpx import AsyncClient as Web

from schemas.sign_ups import SignUp
from tests.gateway.desk import NOW, PHONE, Desk
from tests.gateway.posts import auth
from tests.gateway.visitor import send, words

WANTED = {
    "workspace_id": "acme",
    "workspace_name": "Acme",
    "study_id": "s1",
    "return_url": "https://rally.example/b",
}


async def make(web: Web, **changes: Any) -> Any:
    return await web.post("/v1/invitations", json=WANTED | changes, headers=auth())


async def test_an_invitation_leads_to_a_sign_up_and_back(web: Web, at_desk: Desk) -> None:
    made = await make(web, person_id="p1", event_id="e1", study_name="Shoes")
    assert made.status_code == 201
    path = urlsplit(made.json()["url"]).path
    assert "Shoes" in words((await web.get(path)).text)
    answer = await send(web, path, phone=PHONE)
    [record] = at_desk.paper.of(SignUp)
    assert (record.event_id, record.person_id) == ("e1", "p1")
    [returned] = parse_qs(urlsplit(answer.headers["location"]).query)["sign_up"]
    read = await web.post("/v1/returns", json={"sign_up": returned}, headers=auth())
    assert read.status_code == 200
    assert (read.json()["event_id"], read.json()["person_id"]) == ("e1", "p1")


async def test_without_a_person_it_is_public(web: Web) -> None:
    path = urlsplit((await make(web)).json()["url"]).path
    assert "Your e-mail address" in words((await web.get(path)).text)


async def test_it_ends_when_told_or_after_the_time_set(web: Web, at_desk: Desk) -> None:
    told = (await make(web, expires_at=(NOW + timedelta(days=1)).isoformat())).json()
    untold = (await make(web)).json()
    at_desk.now[0] = NOW + timedelta(days=59)
    assert (await web.get(urlsplit(told["url"]).path)).status_code == 410
    assert (await web.get(urlsplit(untold["url"]).path)).status_code == 200
    at_desk.now[0] = NOW + timedelta(days=60)
    assert (await web.get(urlsplit(untold["url"]).path)).status_code == 410


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"workspace_id": "birch"}, 403),
        ({"zone": "Mars"}, 422),
        ({"study_id": None}, 422),
        ({"return_url": "javascript:alert(1)"}, 422),
        ({"expires_at": "soon"}, 422),
        ({"return_url": "https://x.example/" + "\u4f60" * 2000}, 422),
    ],
)
async def test_what_cannot_be_is_refused(web: Web, changes: dict[str, Any], status: int) -> None:
    assert (await make(web, **changes)).status_code == status


async def test_what_did_not_come_from_our_page_does_not_count(web: Web) -> None:
    invitation = urlsplit((await make(web)).json()["url"]).path.removeprefix("/join/")
    for sign_up in ("x", "x.y", invitation):
        answer = await web.post("/v1/returns", json={"sign_up": sign_up}, headers=auth())
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == "sign_up"
