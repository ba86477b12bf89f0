from typing import Any

import msgspec
import pytest
from httpx import AsyncClient as Web

from gateway.lookup import RecordsAway
from schemas.bookings import BookingEvent
from tests.gateway.desk import Desk
from tests.gateway.posts import auth, booking


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
        "/v1/preview",
        "/v1/texts/{text_id}",
        "/v1/bookings/{workspace_id}/{booking_id}",
    }
    assert set(document["paths"]) == paths


async def test_counters_are_shown_to_who_may_see_every_workspace(web: Web) -> None:
    assert (await web.get("/metrics")).status_code == 401
    assert (await web.get("/metrics", headers=auth("acme-admin"))).status_code == 403
    await web.post("/webhooks/plivo/x/inbound", content=b"Text=STOP")
    counted = (await web.get("/metrics", headers=auth("any-admin"))).text
    assert 'gateway_webhooks_total{outcome="forged",webhook="inbound"}' in counted


async def test_readiness_tells_which_server_is_away(web: Web, at_desk: Desk) -> None:
    assert (await web.get("/ready")).status_code == 200
    at_desk.board.away = True
    answer = await web.get("/ready")
    assert (answer.status_code, answer.json()) == (503, {"kafka": True, "redis": False, "records": True})
    assert (await web.get("/health")).text == "alive"
