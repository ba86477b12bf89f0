from datetime import datetime, timedelta
from typing import Any

from httpx import AsyncClient as Web

from tests.gateway.desk import NOW, PHONE, Desk
from tests.gateway.posts import auth, booking
from tests.gateway.staff import booking as recorded


async def ask(web: Web, *bookings: dict[str, Any], token: str = "acme-upstream") -> Any:  # noqa: S107
    return await web.post("/v1/preview", json=list(bookings), headers=auth(token))


async def test_each_text_comes_with_its_time_and_its_words_and_nothing_is_written(
    web: Web, at_desk: Desk
) -> None:
    answer = await ask(web, booking())
    assert answer.status_code == 200, answer.text
    first, second = answer.json()["texts"]
    assert (first["wording"], first["goes_at"], first["reason"]) == (
        "confirmation",
        "2030-05-06T14:00:00Z",
        None,
    )
    assert first["words"].startswith(
        "Rally: interview with Acme Research booked, Tue May 7, 1:30 PM CDT. http"
    )
    assert (second["wording"], second["due_at"]) == ("reminder", "2030-05-07T18:15:00Z")
    assert answer.json()["texts_left"] == {"acme/b1": 4}
    assert (at_desk.paper.messages, at_desk.board.raised) == ([], [])


async def test_what_does_not_go_says_why(web: Web) -> None:
    soon = (NOW + timedelta(minutes=10)).isoformat()
    texts = (await ask(web, booking(starts_at=soon, phone="+447400123456"))).json()["texts"]
    assert {text["reason"] for text in texts} == {"country_not_served"}
    assert all(text["goes_at"] is None and "country" in text["explanation"] for text in texts)
    answer = (await ask(web, booking(phone=None))).json()
    assert (answer["texts"], [n["kind"] for n in answer["notices"]]) == ([], ["waiting_for_phone"])


async def test_what_is_on_record_counts(web: Web, at_desk: Desk) -> None:
    at_desk.books.put(
        recorded(
            phone=PHONE,
            received_at=NOW - timedelta(hours=2),
            starts_at=datetime.fromisoformat("2030-05-07T18:30:00+00:00"),
        )
    )
    moved = booking(revision=2, starts_at="2030-05-08T18:30:00Z")
    texts = {text["wording"]: text for text in (await ask(web, moved)).json()["texts"] if not text["reason"]}
    assert texts["moved"]["due_at"] == "2030-05-06T14:01:00Z"
    assert texts["reminder"]["due_at"] == "2030-05-08T18:15:00Z"


async def test_wrong_bookings_and_strangers_are_refused(web: Web) -> None:
    assert (await ask(web, booking(revision=-1))).status_code == 422
    answer = await ask(web, booking(replaces_booking_id="b0"))
    assert answer.json()["errors"][0]["field"] == "event_id"
    assert (await ask(web, *[booking(booking_id=f"b{n}") for n in range(51)])).status_code == 422
    assert (await ask(web, booking(), token="birch-upstream")).status_code == 403
    assert (await ask(web, booking(), token="acme-coordinator")).status_code == 403
