from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from httpx import AsyncClient as Web

from gateway.lookup import BookingView, RecordsAway, TextView
from rules.ids import phone_ref
from schemas.bookings import BookingEvent
from schemas.consent import ConsentChange
from schemas.ledger import ConsentFact
from schemas.settings import SettingsChange
from tests.gateway.desk import NOW, PHONE, Desk

UPSTREAM = "acme-upstream"
REF = phone_ref(b"example-reference", PHONE)


def auth(token: str = UPSTREAM) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def booking(**changes: Any) -> dict[str, Any]:
    return {
        "type": "booking",
        "message_id": "m1",
        "workspace_id": "acme",
        "workspace_name": "Acme Research",
        "study_id": "s1",
        "booking_id": "b1",
        "person_id": "p1",
        "revision": 1,
        "status": "booked",
        "starts_at": "2030-05-07T18:30:00Z",
        "zone": "America/Chicago",
        "phone": PHONE,
    } | changes


def consent(**changes: Any) -> dict[str, Any]:
    return {
        "message_id": "c1",
        "action": "withdraw",
        "source": "upstream",
        "workspace_id": "acme",
        "person_id": "p1",
        "phone": PHONE,
        "at": NOW.isoformat(),
    } | changes


def grant(**changes: Any) -> dict[str, Any]:
    evidence = {
        "disclosure_version": "v1",
        "disclosure_sha256": "0" * 64,
        "disclosure_text": "words",
        "act": "upstream",
        "phone_typed": PHONE,
    }
    return consent(action="grant", event_id="b1", evidence=evidence) | changes


def setting(**changes: Any) -> dict[str, Any]:
    return {
        "message_id": "t1",
        "workspace_id": "acme",
        "name": "sms_enabled",
        "value": True,
        "revision": 1,
        "actor": "ana",
        "at": NOW.isoformat(),
    } | changes


async def test_a_booking_is_published_as_it_was_sent(web: Web, at_desk: Desk) -> None:
    answer = await web.post("/v1/booking-events", json=booking(), headers=auth())
    assert (answer.status_code, answer.json()) == (202, {"message_ids": ["m1"], "warnings": []})
    [event] = at_desk.paper.of(BookingEvent)
    assert event == msgspec.convert(booking(), BookingEvent)


async def test_a_list_is_taken_whole_or_not_at_all(web: Web, at_desk: Desk) -> None:
    good = [booking(message_id=f"m{number}") for number in range(3)]
    bad = [*good, booking(revision="5"), booking(starts_at="tomorrow")]
    answer = await web.post("/v1/booking-events", json=bad, headers=auth())
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [(error["index"], error["field"]) for error in answer.json()["errors"]] == [
        (3, "revision"),
        (4, "starts_at"),
    ]
    assert at_desk.paper.messages == []
    assert (await web.post("/v1/booking-events", json=good, headers=auth())).status_code == 202
    assert len(at_desk.paper.of(BookingEvent)) == 3


async def test_a_phone_that_cannot_be_used_is_taken_with_a_warning(web: Web, at_desk: Desk) -> None:
    answer = await web.post("/v1/booking-events", json=booking(phone="12", zone="Mars"), headers=auth())
    assert answer.status_code == 202
    assert [warning["field"] for warning in answer.json()["warnings"]] == ["phone", "zone"]
    assert len(at_desk.paper.of(BookingEvent)) == 1


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[{]", b"[" * 100_000, b'{"x":' + b"[" * 100_000, b'{"message_id":"\xff"}']
)
async def test_what_is_no_json_is_refused(web: Web, at_desk: Desk, body: bytes) -> None:
    answer = await web.post("/v1/booking-events", content=body, headers=auth())
    assert answer.status_code == 400
    assert answer.json()["title"] == "Cannot be read"
    assert at_desk.paper.messages == []


@pytest.mark.parametrize("body", [[], 3, "x", [None], [3], {}, {"a": 1}, [booking(), {}]])
async def test_what_is_no_booking_is_refused(web: Web, at_desk: Desk, body: Any) -> None:
    answer = await web.post("/v1/booking-events", json=body, headers=auth())
    assert answer.status_code == 422
    assert at_desk.paper.messages == []


async def test_an_error_never_repeats_the_value(web: Web) -> None:
    answer = await web.post("/v1/booking-events", json=booking(person_id="a secret/name"), headers=auth())
    assert answer.status_code == 422
    assert "secret" not in answer.text


async def test_without_an_acknowledgement_the_sender_is_told_to_repeat(web: Web, at_desk: Desk) -> None:
    at_desk.paper.error = TimeoutError()
    answer = await web.post("/v1/booking-events", json=booking(), headers=auth())
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer nobody", "Basic acme-upstream", "acme-upstream"])
async def test_without_a_token_nothing_is_taken(web: Web, at_desk: Desk, header: str | None) -> None:
    headers = {"Authorization": header} if header else {}
    for method, path in (("POST", "/v1/booking-events"), ("GET", "/v1/bookings/acme/b1")):
        answer = await web.request(method, path, json=booking(), headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
    assert at_desk.paper.messages == []


STAFF = {"source": "staff", "actor": "ana", "reason": "asked by phone"}
PAUSE = setting(name="paused", value=True)
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


async def test_a_withdrawal_takes_effect_at_once(web: Web, at_desk: Desk) -> None:
    await web.post("/v1/consent-changes", json=consent(), headers=auth())
    await at_desk.settled()
    [flag] = at_desk.board.raised
    assert (flag.name, flag.phone_ref, flag.at) == ("ended", REF, NOW)
    assert (flag.workspace_id, flag.person_id) == ("acme", "p1")
    [fact] = at_desk.paper.of(ConsentFact)
    assert (fact.kind, fact.source, fact.inbound_uuid) == ("stop_effective", "upstream", None)


async def test_a_phone_wide_withdrawal_ends_the_phone(web: Web, at_desk: Desk) -> None:
    body = consent(**STAFF, phone_wide=True)
    await web.post("/v1/consent-changes", json=body, headers=auth("acme-admin"))
    await at_desk.settled()
    [flag] = at_desk.board.raised
    assert (flag.workspace_id, flag.person_id) == (None, None)


async def test_a_withdrawal_that_kafka_did_not_take_is_kept_as_a_stop_is(web: Web, at_desk: Desk) -> None:
    at_desk.paper.error = TimeoutError()
    answer = await web.post("/v1/consent-changes", json=consent(), headers=auth())
    assert answer.status_code == 503
    assert isinstance(await at_desk.edge.spool.find("c1"), ConsentChange)
    await at_desk.settled()
    assert [flag.name for flag in at_desk.board.raised] == ["ended"]


async def test_a_grant_raises_no_flag(web: Web, at_desk: Desk) -> None:
    assert (await web.post("/v1/consent-changes", json=grant(), headers=auth())).status_code == 202
    await at_desk.settled()
    assert at_desk.board.raised == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"phone": "12"}, "phone"),
        ({"person_id": None}, "person_id"),
        ({"action": "grant"}, "event_id"),
        ({"action": "grant", "event_id": "b1"}, "evidence"),
    ],
)
async def test_consent_that_cannot_be_meant_is_refused_by_field(
    web: Web, at_desk: Desk, changes: dict[str, Any], field: str
) -> None:
    answer = await web.post("/v1/consent-changes", json=consent(**changes), headers=auth())
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    await at_desk.settled()
    assert (at_desk.paper.messages, at_desk.board.raised) == ([], [])


async def test_staff_say_who_and_why(web: Web, at_desk: Desk) -> None:
    answer = await web.post("/v1/consent-changes", json=consent(source="staff"), headers=auth("acme-admin"))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "actor"


async def test_a_pause_reaches_the_gate_and_kafka(web: Web, at_desk: Desk) -> None:
    await web.post("/v1/settings", json=PAUSE, headers=auth("acme-admin"))
    assert at_desk.board.paused == {"acme": True}
    await web.post("/v1/settings", json=PAUSE | {"value": False, "revision": 2}, headers=auth("acme-admin"))
    assert at_desk.board.paused == {"acme": False}
    assert len(at_desk.paper.of(SettingsChange)) == 2


async def test_a_pause_without_redis_is_published_all_the_same(web: Web, at_desk: Desk) -> None:
    at_desk.board.away = True
    assert (await web.post("/v1/settings", json=PAUSE, headers=auth("acme-admin"))).status_code == 202
    assert len(at_desk.paper.of(SettingsChange)) == 1


@pytest.mark.parametrize(
    "changes", [{"value": "yes"}, {"name": "interview_reminder"}, {"name": "zone", "value": "Mars"}]
)
async def test_a_setting_that_cannot_be_is_refused(web: Web, at_desk: Desk, changes: dict[str, Any]) -> None:
    answer = await web.post("/v1/settings", json=setting(**changes), headers=auth())
    assert answer.status_code == 422
    assert at_desk.paper.messages == []


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


async def test_records_that_do_not_answer_are_no_404(web: Web, at_desk: Desk) -> None:
    at_desk.books.error = RecordsAway()
    answer = await web.get("/v1/bookings/acme/b1", headers=auth())
    assert answer.status_code == 503


async def test_other_errors_are_problems_too(web: Web) -> None:
    for method, path, status in (("GET", "/v1/booking-events", 405), ("POST", "/v1/nothing", 404)):
        answer = await web.request(method, path, headers=auth())
        assert answer.status_code == status
    large = await web.post("/v1/booking-events", content=b" " * 5_000_000, headers=auth())
    assert (large.status_code, large.json()["title"]) == (413, "Too large")


async def test_the_document_describes_what_is_taken(web: Web) -> None:
    document = (await web.get("/openapi/v1.json")).json()
    body = document["paths"]["/v1/booking-events"]["post"]["requestBody"]["content"]["application/json"]
    assert body["schema"]["oneOf"][0] == {"$ref": "#/components/schemas/BookingEvent"}
    assert "starts_at" in document["components"]["schemas"]["BookingEvent"]["properties"]
    paths = {"/v1/booking-events", "/v1/consent-changes", "/v1/settings"}
    paths |= {
        "/v1/invitations",
        "/v1/returns",
        "/v1/texts/{text_id}",
        "/v1/bookings/{workspace_id}/{booking_id}",
    }
    assert set(document["paths"]) == paths


async def test_readiness_tells_which_server_is_away(web: Web, at_desk: Desk) -> None:
    assert (await web.get("/ready")).status_code == 200
    at_desk.board.away = True
    answer = await web.get("/ready")
    assert (answer.status_code, answer.json()) == (503, {"kafka": True, "redis": False, "records": True})
    assert (await web.get("/health")).text == "alive"
