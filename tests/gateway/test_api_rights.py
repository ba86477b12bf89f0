from datetime import UTC, datetime
from typing import Any

import pytest
from httpx import AsyncClient as Web

from gateway.lookup import BookingView, TextView
from tests.gateway.desk import Desk
from tests.gateway.posts import PAUSE, STAFF, auth, booking, consent, grant, setting


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer nobody", "Basic acme-upstream", "acme-upstream"])
async def test_without_a_token_nothing_is_taken(web: Web, at_desk: Desk, header: str | None) -> None:
    headers = {"Authorization": header} if header else {}
    for method, path in (("POST", "/v1/booking-events"), ("GET", "/v1/bookings/acme/b1")):
        answer = await web.request(method, path, json=booking(), headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
    assert at_desk.paper.messages == []


POSTS: dict[str, tuple[str, dict[str, Any]]] = {
    "booking": ("booking-events", booking()),
    "upstream withdraws": ("consent-changes", consent()),
    "upstream grants": ("consent-changes", grant()),
    "staff withdraws": ("consent-changes", consent(**STAFF)),
    "staff grants": ("consent-changes", grant(**STAFF)),
    "page withdraws": ("consent-changes", consent(source="manage_page")),
    "switch": ("settings", setting()),
    "pause": ("settings", PAUSE),
    "pause of all": ("settings", PAUSE | {"workspace_id": "all"}),
}
MAY = {
    "acme-reader": set[str](),
    "acme-upstream": {"booking", "upstream withdraws", "upstream grants", "switch", "pause"},
    "acme-coordinator": {"staff withdraws"},
    "acme-admin": {"booking", "staff withdraws", "staff grants", "switch", "pause"},
    "any-admin": {"booking", "staff withdraws", "staff grants", "switch", "pause", "pause of all"},
    "birch-upstream": set[str](),
}


@pytest.mark.parametrize("token", MAY)
@pytest.mark.parametrize("what", POSTS)
async def test_who_may_do_what(web: Web, at_desk: Desk, token: str, what: str) -> None:
    path, body = POSTS[what]
    answer = await web.post(f"/v1/{path}", json=body, headers=auth(token))
    assert answer.status_code == (202 if what in MAY[token] else 403)
    await at_desk.settled()
    assert bool(at_desk.paper.messages) == (what in MAY[token])
    if what not in MAY[token]:
        assert (at_desk.board.raised, at_desk.board.paused) == ([], {})


def text_of(workspace_id: str | None) -> TextView:
    return TextView(workspace_id=workspace_id, versions=[], steps=[])


@pytest.mark.parametrize(
    ("token", "workspace_id", "status"),
    [
        ("acme-reader", "acme", 200),
        ("birch-upstream", "acme", 404),
        ("acme-reader", None, 404),
        ("any-admin", None, 200),
    ],
)
async def test_a_text_is_shown_to_its_workspace_alone(
    web: Web, at_desk: Desk, token: str, workspace_id: str | None, status: int
) -> None:
    at_desk.books.texts["a" * 32] = text_of(workspace_id)
    assert (await web.get(f"/v1/texts/{'a' * 32}", headers=auth(token))).status_code == status


async def test_a_booking_is_shown_to_its_workspace_alone(web: Web, at_desk: Desk) -> None:
    at_desk.books.bookings["acme", "b1"] = BookingView(
        workspace_id="acme",
        study_id="s1",
        booking_id="b1",
        event_id="b1",
        person_id="p1",
        revision=1,
        status="booked",
        starts_at=datetime(2030, 5, 7, tzinfo=UTC),
        zone=None,
        has_phone=True,
        texts=[],
        notices=[],
    )
    answer = await web.get("/v1/bookings/acme/b1", headers=auth("acme-reader"))
    assert answer.json()["event_id"] == "b1"
    assert (await web.get("/v1/bookings/acme/b1", headers=auth("birch-upstream"))).status_code == 403
    assert (await web.get("/v1/bookings/acme/b2", headers=auth())).status_code == 404
    assert (await web.get("/v1/texts/none", headers=auth())).status_code == 404
