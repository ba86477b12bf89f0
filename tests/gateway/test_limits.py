"""Limits against abuse: sign-ups that come too thick, links that are guessed, memory that stays bounded."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient as Web

from gateway.limits import NAMES_MAX, Limit
from schemas.sign_ups import SignUp
from tests.gateway.desk import NOW, Desk
from tests.gateway.visitor import invited, send


def number(last: int, prefix: str = "330823") -> str:
    return f"+1{prefix}{last:04}"


def link(name: int, **changes: Any) -> str:
    return invited(invitation_id=f"inv-{name}", event_id=f"b{name}", person_id=f"p{name}", **changes)


@pytest.mark.long
async def test_of_ten_thousand_rising_numbers_hardly_one_is_taken(web: Web, at_desk: Desk) -> None:
    """500 tries here stand for them: after the twentieth of a prefix an hour none is."""
    at_desk.edge.limits.sign_ups["ip"].most = 10**6
    statuses = [(await send(web, link(n), phone=number(n))).status_code for n in range(500)]
    assert statuses.count(429) == 480
    assert len(at_desk.paper.of(SignUp)) == 20
    page = await send(web, link(499), phone=number(499))
    assert "Too many sign-ups like this one" in page.text
    assert "Nothing was recorded" in page.text
    at_desk.now[0] += timedelta(hours=1)
    assert (await send(web, link(499), phone=number(499))).status_code < 400


LIMITS: dict[str, tuple[int, Any]] = {
    "phone": (3, lambda n: (link(n), number(1))),
    "page": (20, lambda n: (link(0), number(n))),
    "ip": (10, lambda n: (link(n), number(n))),
    "all": (30, lambda n: (link(n), number(n))),
}


@pytest.mark.parametrize("limit", LIMITS)
async def test_each_limit_lets_so_many_in_and_again_after_its_time(
    web: Web, at_desk: Desk, limit: str
) -> None:
    for name, other in at_desk.edge.limits.sign_ups.items():
        if name != limit:
            other.most = 10**6
    most, nth = LIMITS[limit]
    at_desk.edge.limits.sign_ups[limit].most = most
    taken = 0
    for n in range(most + 2):
        url, phone = nth(n)
        taken += (await send(web, url, phone=phone)).status_code < 400
    assert taken == most
    at_desk.now[0] += at_desk.edge.limits.sign_ups[limit].window
    again = link(0 if limit == "page" else 99, expires_at=NOW + timedelta(days=2))
    assert (await send(web, again, phone=number(1))).status_code < 400


@pytest.mark.long
async def test_of_ten_thousand_guessed_links_and_tokens_none_opens_and_nearly_all_are_turned_away(
    web: Web, at_desk: Desk
) -> None:
    """One address. Its right token is turned away too, and taken again after the hour."""
    links = Counter([(await web.get(f"/m/{n:022}")).status_code for n in range(10_000)])
    assert links == {404: 60, 429: 9_940}
    tokens = Counter([await _ask_with(web, f"guess-{n}") for n in range(10_000)])
    assert tokens == {401: 20, 429: 9_980}
    assert await _ask_with(web, "acme-reader") == 429
    at_desk.now[0] += timedelta(hours=1)
    assert await _ask_with(web, "acme-reader") == 404


async def _ask_with(web: Web, token: str) -> int:
    headers = {"authorization": f"Bearer {token}"}
    return (await web.get("/v1/texts/none", headers=headers)).status_code


def test_names_are_forgotten_before_memory_grows() -> None:
    limit = Limit(1, timedelta(hours=1))
    for n in range(NAMES_MAX + 100):
        assert limit.take(str(n), NOW) is None
    assert len(limit._seen) == NAMES_MAX
    assert limit.take(str(NAMES_MAX), NOW) == timedelta(hours=1)
