from typing import Any

import pytest
from httpx import AsyncClient as Web

from gateway.spooled_flags import halt_again, raise_in_new_epoch
from schemas.ledger import ConsentFact
from tests.gateway.desk import Desk
from tests.gateway.posts import auth, consent
from tests.gateway.webhook_posts import form, post


@pytest.fixture(autouse=True)
async def spooled(web: Web, at_desk: Desk) -> None:
    """A STOP and a withdrawal that Kafka did not take, and a greeting."""
    at_desk.paper.error = TimeoutError()
    await post(web, form(MessageUUID="u1"))
    await post(web, form(MessageUUID="u2", Text="hello"))
    await web.post("/v1/consent-changes", json=consent(), headers=auth())
    await at_desk.settled()
    at_desk.board.raised.clear()


def names(at_desk: Desk) -> list[str]:
    return sorted(flag.name for flag in at_desk.board.raised)


async def test_each_epoch_of_redis_is_told_once_while_the_sender_waits(at_desk: Desk) -> None:
    assert await raise_in_new_epoch(at_desk.edge, None) is None
    assert at_desk.board.raised == []
    at_desk.board.now = "e1"
    assert await raise_in_new_epoch(at_desk.edge, None) == "e1"
    assert names(at_desk) == ["ended", "stop"]
    assert at_desk.board.said == ["behind e1 0", "through e1 2"]
    assert await raise_in_new_epoch(at_desk.edge, "e1") == "e1"
    assert len(at_desk.board.raised) == 2
    at_desk.board.now = "e2"
    assert await raise_in_new_epoch(at_desk.edge, "e1") == "e2"
    assert len(at_desk.board.raised) == 4


async def test_a_new_process_drains_what_the_one_before_left(at_desk: Desk) -> None:
    at_desk.paper.error = None
    await halt_again(at_desk.edge)
    await at_desk.settled()
    assert names(at_desk) == ["ended", "stop"]
    facts: list[Any] = at_desk.paper.of(ConsentFact)
    assert sorted(fact.source for fact in facts) == ["reply", "upstream"]
