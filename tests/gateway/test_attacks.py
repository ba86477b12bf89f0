"""Ways around a limit or into an error: spellings of a token, neighbours of an address, odd characters."""

from typing import Any

import pytest
from httpx import AsyncClient as Web
from structlog.testing import capture_logs

from gateway.limits import block_of
from gateway.lookup import RecordsAway
from tests.gateway.desk import Desk
from tests.gateway.posts import auth
from tests.gateway.webhook_posts import form, post


async def test_a_token_spelled_in_many_ways_is_one_token(web: Web, at_desk: Desk) -> None:
    at_desk.edge.limits.api.most = 3
    spellings = ["Bearer acme-reader", "bearer acme-reader", "BEARER  acme-reader", "beArer acme-reader "]
    statuses = [
        (await web.get("/v1/texts/none", headers={"authorization": one})).status_code for one in spellings
    ]
    assert statuses == [404, 404, 404, 429]


@pytest.mark.parametrize(
    ("ip", "block"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::ffff", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", ""),
        ("testclient", "testclient"),
    ],
)
def test_what_one_visitor_may_hold_is_one_name(ip: str, block: str) -> None:
    assert block_of(ip) == block


@pytest.mark.parametrize("path", ["/m/%00", "/v1/texts/%00", "/v1/bookings/acme/b%0d%0a1", "/join/a%7f"])
async def test_no_control_character_reaches_the_records(web: Web, at_desk: Desk, path: str) -> None:
    at_desk.books.error = RecordsAway()  # 503 if they are asked
    answer = await web.get(path, headers=auth("acme-reader"))
    assert answer.status_code == 404
    kind = "application/problem+json" if path.startswith("/v1") else "text/html"
    assert answer.headers["content-type"].startswith(kind)


async def test_a_stop_to_a_number_that_we_do_not_know_is_told_to_people(web: Web, at_desk: Desk) -> None:
    async def alerts(**fields: Any) -> list[str]:
        with capture_logs() as logs:
            assert (await post(web, form(**fields))).status_code == 200
        return [entry["event"] for entry in logs if entry.get("alert")]

    assert await alerts(To="13125550000", Text="STOP") == ["opt_out_to_another_number"]
    assert await alerts(To="13125550000", Text="see you") == []


@pytest.mark.parametrize("away", [True, False])
async def test_a_manage_page_that_can_not_open_says_how_to_stop(web: Web, at_desk: Desk, away: bool) -> None:
    if away:
        at_desk.books.error = RecordsAway()
    at_desk.edge.limits.wrong_links.most = 1
    pages = [await web.get("/m/guessed"), await web.post("/m/guessed/stop")]
    assert [page.status_code for page in pages] == ([503, 503] if away else [404, 429])
    for page in pages:
        assert "reply STOP to any of them" in page.text
