"""The published document holds: generated requests, one after the other, meet no 5xx and no breach of it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from httpx import AsyncClient as Web
from hypothesis import HealthCheck, Phase, given, settings
from litestar import Litestar

from gateway.auth import Caller, digest_of
from gateway.limits import Limit
from gateway.lookup import BookingView
from gateway.views import booking_view
from rules.intake import booking_input
from rules.refused import Refused
from schemas.base import Message
from schemas.bookings import BookingEvent
from tests.gateway.conftest import CURRENT
from tests.gateway.desk import NOW, Books, Desk, Paper, desk
from tests.gateway.posts import auth

CASES, STEPS = 1000, 6
SAID_IN_WORDS = {"checks": {"positive_data_acceptance": {"enabled": False}}}
"""What JSON Schema can't say (a year, a zone, who may grant) is refused with field and reason."""
EACH = 60
"""Cases of each operation alone, before they follow one another."""


class Archived(Paper):
    """Takes messages, and has them recorded at once, as all other processes together would."""

    books: Books

    async def publish(self, messages: Iterable[Message]) -> None:
        taken = list(messages)
        await super().publish(taken)
        for event in taken:
            if isinstance(event, BookingEvent):
                try:
                    self.books.put(booking_input(event, NOW))
                except Refused:
                    continue


class Shelf(Books):
    """Shows bookings from the tables."""

    async def booking(self, workspace_id: str, booking_id: str) -> BookingView | None:
        found: BookingView | None = await self.ask(lambda c: booking_view(c, workspace_id, booking_id))
        return found


@pytest.fixture
def busy(tmp_path: Path) -> Desk:
    """An edge that a token for everything may ask as often as it likes."""
    at_desk = desk(tmp_path)
    paper, shelf = Archived(), Shelf()
    paper.books = shelf
    often = Limit(10**6, timedelta(microseconds=1))
    limits = replace(at_desk.edge.limits, api=often, wrong_tokens=often)
    callers = {digest_of("everything"): Caller("*", "admin")}
    edge = replace(at_desk.edge, publisher=paper, records=shelf, limits=limits, callers=callers)
    CURRENT[:] = [edge]
    return replace(at_desk, edge=edge, paper=paper, books=shelf)


def chosen(examples: int) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=STEPS,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


@pytest.mark.long
@pytest.mark.timeout(300)
def test_generated_requests_meet_no_breach_of_the_document(app: Litestar, busy: Desk) -> None:
    statuses: Counter[int] = Counter()
    schema = schemathesis.openapi.from_asgi(
        "/openapi/v1.json", app, config=schemathesis.Config.from_dict(SAID_IN_WORDS)
    )
    headers = auth("everything")
    for result in schema.get_all_operations():
        operation = result.ok()

        @chosen(EACH)
        @given(case=operation.as_strategy())
        def alone(case: Any) -> None:
            response = case.call(headers=headers)
            statuses[response.status_code] += 1
            case.validate_response(response, headers=headers)

        alone()

    class Session(schema.as_state_machine()):  # type: ignore[misc]  # made at run time
        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return {"headers": headers}

        def after_call(self, response: Any, case: Any) -> None:
            statuses[response.status_code] += 1

    Session.run(settings=chosen(CASES // STEPS + 20))
    assert statuses.total() >= CASES
    assert max(statuses) < 500
    taken = statuses[200], statuses[201], statuses[202]
    assert min(taken) > 0, statuses
    assert sum(taken) > 60, f"hardly anything was taken: {statuses}"


async def test_the_document_has_a_page_of_its_own_without_outside_assets(web: Web) -> None:
    page = await web.get("/docs")
    assert page.status_code == 200
    for path in (await web.get("/openapi/v1.json")).json()["paths"]:
        assert path in page.text
    assert "BookingEvent" in page.text
    assert "<script" not in page.text
    assert "https://" not in page.text


async def test_a_token_used_too_often_is_told_when_to_come_back(web: Web, at_desk: Desk) -> None:
    at_desk.edge.limits.api.most = 3
    answers = [await web.get("/v1/texts/none", headers=auth()) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [404, 404, 404, 429]
    assert answers[-1].headers["content-type"] == "application/problem+json"
    assert int(answers[-1].headers["retry-after"]) == 60
    assert (await web.get("/v1/texts/none", headers=auth("acme-reader"))).status_code == 404
    at_desk.now[0] += timedelta(seconds=60)
    assert (await web.get("/v1/texts/none", headers=auth())).status_code == 404
