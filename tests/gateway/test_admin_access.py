from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient as Web
from litestar import Litestar

from gateway.auth import Caller, digest_of, read_tokens
from rules.links import SignedReturn, sign
from runtime.config import BadConfig
from tests.gateway.desk import NOW, Desk
from tests.gateway.posts import auth, booking, consent
from tests.gateway.posts import setting as setting_post
from tests.gateway.staff import fill, press, setting, sign_in
from tests.gateway.visitor import KEY, hidden

pytestmark = pytest.mark.usefixtures("at_once")


async def test_who_is_not_signed_in_is_sent_to_sign_in_and_back(web: Web) -> None:
    answer = await web.get("/admin/acme/bookings")
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        "/admin/sign-in?next=/admin/acme/bookings",
    )
    page = await web.get(answer.headers["location"])
    answer = await web.post("/admin/sign-in", data={**hidden(page.text), "token": "acme-coordinator"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/admin/acme/bookings")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "acme-coordinator" not in cookie
    assert (await web.get("/admin/acme/bookings")).status_code == 200


@pytest.mark.parametrize(
    "path",
    ["//evil.example", "https://evil.example", "/admin//evil", "/join/x", "/administer", "/admin/\\evil"],
)
async def test_signing_in_leads_nowhere_else(web: Web, path: str) -> None:
    assert (await sign_in(web, next=path)).headers["location"] == "/admin"


@pytest.mark.parametrize(
    ("token", "status"), [("nobody", 401), ("", 401), ("acme-upstream", 403), ("acme-reader", 403)]
)
async def test_tokens_of_services_and_strangers_open_no_page(web: Web, token: str, status: int) -> None:
    answer = await sign_in(web, token)
    assert answer.status_code == status
    assert "set-cookie" not in answer.headers


async def test_a_token_that_ended_ends_its_sessions(web: Web, at_desk: Desk) -> None:
    callers = at_desk.edge.callers
    callers[digest_of("short")] = Caller("acme", "admin", NOW + timedelta(hours=1), "ana")
    await sign_in(web, "short")
    assert (await web.get("/admin/acme")).status_code == 200
    at_desk.now[0] = NOW + timedelta(hours=1)
    assert (await web.get("/admin/acme")).status_code == 303
    assert (await web.get("/v1/bookings/acme/b1", headers=auth("short"))).status_code == 401
    assert (await sign_in(web, "short")).status_code == 401


async def test_a_session_ends_with_its_hours_and_by_signing_out(web: Web, at_desk: Desk) -> None:
    await sign_in(web)
    at_desk.now[0] = NOW + timedelta(seconds=at_desk.edge.config.session_valid_s)
    assert (await web.get("/admin/acme")).status_code == 303
    await sign_in(web)
    assert (await press(web, "/admin/acme", "/admin/sign-out")).status_code == 303
    assert (await web.get("/admin/acme")).status_code == 303


async def test_a_forged_cookie_is_nobody(web: Web, at_desk: Desk) -> None:
    await sign_in(web)
    value = web.cookies["reminders"]
    other = digest_of("any-admin")
    for forged in (value[:-1] + "x", f"{other}{value[64:]}", "x", f"{value[:64]}.99999999999.{value[-32:]}"):
        web.cookies.clear()
        web.cookies.set("reminders", forged)
        assert (await web.get("/admin/acme")).status_code == 303


async def test_guessing_tokens_is_slow_and_hits_nothing(web: Web, at_desk: Desk) -> None:
    statuses = [(await sign_in(web, f"guess-{n}")).status_code for n in range(40)]
    assert statuses == [401] * 20 + [429] * 20
    answer = await web.get("/v1/bookings/acme/b1", headers=auth("acme-admin"))
    assert answer.status_code == 429
    assert answer.json()["status"] == 429
    assert 0 < int(answer.headers["retry-after"]) <= 3600
    at_desk.now[0] += timedelta(hours=1)
    assert (await sign_in(web)).status_code == 303


async def test_a_form_of_nobody_and_of_another_session_does_nothing(web: Web, at_desk: Desk) -> None:
    await sign_in(web, "any-admin")
    foreign = hidden((await web.get("/admin/acme/settings")).text)
    await sign_in(web)
    own = hidden((await web.get("/admin/acme/settings")).text)
    for fields, headers in (
        ({"value": "on"}, {}),
        (foreign, {}),
        ({**own, "form": own["form"][:-1] + "0"}, {}),
        (own, {"Sec-Fetch-Site": "cross-site"}),
    ):
        answer = await web.post("/admin/acme/settings", data={**fields, "value": "on"}, headers=headers)
        assert answer.status_code == 409
    assert at_desk.paper.messages == []


def routes_of(app: Litestar, prefix: str) -> list[tuple[str, str]]:
    """Every method and path below a prefix, with names filled in."""
    names = {
        "workspace_id": "acme",
        "booking_id": "b1",
        "person_id": "p1",
        "study_id": "s1",
        "text_id": "a" * 32,
        "inbound_uuid": "in-1",
    }
    found = []
    for route in app.routes:
        if route.path.startswith(prefix):
            path = route.path
            for name, value in names.items():
                path = path.replace(f"{{{name}:str}}", value)
            found += [
                (method, path)
                for method in sorted(getattr(route, "methods", ()))
                if method in ("GET", "POST")
            ]
    return sorted(found)


STAFF_POSTS = {
    "/settings": "settings",
    "/studies/s1": "settings",
    "/bookings/b1/updates": "day_of",
    "/bookings/b1/updates/preview": "day_of",
    "/replies/in-1/handled": "replies",
    "/people/p1/withdraw": "withdraw",
    "/people/p1/grant": "grant",
}


@pytest.mark.parametrize("token", ["acme-admin", "acme-coordinator", "any-admin", "birch-coordinator"])
async def test_each_page_is_for_its_roles_and_its_workspace_alone(
    web: Web, app: Litestar, at_desk: Desk, token: str
) -> None:
    fill(at_desk)
    at_desk.books.put(*setting(study_id="s1", name="interview_reminder"))
    at_desk.edge.callers[digest_of("birch-coordinator")] = Caller("birch", "coordinator")
    await sign_in(web, token)
    own = "birch" if token == "birch-coordinator" else "acme"
    form = hidden((await web.get(f"/admin/{own}/settings")).text)
    caller = at_desk.edge.callers[digest_of(token)]
    pages = routes_of(app, "/admin/{workspace_id:str}")
    assert {path.removeprefix("/admin/acme") for method, path in pages if method == "POST"} == set(
        STAFF_POSTS
    )
    assert len(pages) >= 14
    for method, path in pages:
        answer = await web.request(method, path, data=form if method == "POST" else None)
        allowed = method == "GET" or caller.may(STAFF_POSTS[path.removeprefix("/admin/acme")])  # type: ignore[arg-type]
        if caller.workspace == "birch" or not allowed:
            assert (answer.status_code, at_desk.paper.messages) == (403, []), path
            assert "p1" not in answer.text
        else:
            assert answer.status_code != 403, path
        at_desk.paper.messages.clear()


@pytest.mark.parametrize("token", ["birch-upstream", "birch-admin"])
async def test_no_api_route_shows_or_takes_what_is_of_another_workspace(
    web: Web, app: Litestar, at_desk: Desk, token: str
) -> None:
    fill(at_desk)
    at_desk.edge.callers[digest_of("birch-admin")] = Caller("birch", "admin")
    for method, path in routes_of(app, "/v1"):
        answer = await web.request(method, path, json=BODIES.get(path), headers=auth(token))
        assert answer.status_code in (403, 404), path
    assert at_desk.paper.messages == []


RETURN = SignedReturn(
    invitation_id="i1",
    workspace_id="acme",
    study_id="s1",
    event_id="b1",
    person_id="p1",
    expires_at=NOW + timedelta(days=1),
)
BODIES: dict[str, Any] = {
    "/v1/booking-events": booking(),
    "/v1/consent-changes": consent(),
    "/v1/settings": setting_post(),
    "/v1/preview": booking(),
    "/v1/invitations": {"workspace_id": "acme", "workspace_name": "Acme", "study_id": "s1"},
    "/v1/returns": {"sign_up": sign(KEY, RETURN, "return")},
}


@pytest.mark.parametrize(
    "entry",
    [
        "x:acme:admin",
        "0" * 64,
        f"{'0' * 64}:acme:king",
        f"{'0' * 64}:acme:admin:2026-13-01",
        f"{'0' * 64}::admin",
    ],
)
def test_odd_entries_are_refused(entry: str) -> None:
    with pytest.raises(BadConfig):
        read_tokens(entry)


def test_entries_say_for_what_for_whom_and_until_when() -> None:
    entry = f"{'a' * 64}:acme:admin:2030-05-06:dana@acme.example"
    [(digest, caller)] = read_tokens(entry, must_end=True).items()
    assert (digest, caller.workspace, caller.role, caller.name) == (
        "a" * 64,
        "acme",
        "admin",
        "dana@acme.example",
    )
    assert caller.until is not None
    assert caller.until.isoformat().startswith("2030-05-06T23:59")
    with pytest.raises(BadConfig, match="last day"):
        read_tokens(f"{'a' * 64}:acme:admin", must_end=True)
