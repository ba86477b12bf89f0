"""What the page says of a grant is what the worker made of it, also where the grant is a repeat."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient as Web
from msgspec.structs import replace

from agents.consent import keep_consent
from agents.moment import Moment
from agents.tables import Tables
from rules.consent import live_consents
from rules.intake import consent_input
from schemas.base import Message
from schemas.consent import ConsentChange
from schemas.ledger import ConsentFact, LedgerEntry
from schemas.rows import PhoneStops
from tests.gateway.desk import PHONE, Desk
from tests.gateway.staff import ENTRY, REF, booking, opted_out, sign_in
from tests.gateway.visitor import hidden, words
from tests.makers import at

pytestmark = pytest.mark.usefixtures("at_once")
PAGE = "/admin/acme/people/p1"
GRANT = {"agreed_on": "2026-11-24", "reason": "by phone"}


class Office:
    """The desk with a worker and an archive behind it, which take each consent as it is published."""

    def __init__(self, web: Web, desk: Desk) -> None:
        self.web, self.desk, self.tables, self.seq = web, desk, Tables(), 0
        desk.now[0] = at("13:00")
        desk.books.put(booking())
        self.publish, desk.paper.publish = desk.paper.publish, self.take  # type: ignore[method-assign]

    async def take(self, messages: Iterable[Message]) -> None:
        messages = list(messages)
        await self.publish(messages)
        for message in messages:
            if isinstance(message, ConsentChange):
                self.decide(message)

    def decide(self, change: ConsentChange) -> None:
        now, policy = self.desk.now[0], self.desk.edge.policy
        event = consent_input(change, policy, now)
        out = keep_consent(event, self.tables, Moment(now=now, partition=0, policy=policy))
        self.desk.books.put(event)
        for of in [message for message in out if isinstance(message, ConsentFact)]:
            self.seq += 1
            assert isinstance(ENTRY, LedgerEntry)
            self.desk.books.put(replace(ENTRY, seq=self.seq, hash=f"{self.seq:064}", fact=of))

    async def form(self, name: str) -> dict[str, str]:
        self.desk.edge.__dict__["random_name"] = lambda: name
        return hidden((await self.web.get(PAGE)).text)

    async def press(self, button: str, form: dict[str, str], **fields: str) -> str:
        """Press a button a minute later; returns what the page is to say."""
        self.desk.now[0] += timedelta(minutes=1)
        answer = await self.web.post(f"{PAGE}/{button}", data={**form, "phone": PHONE, **fields})
        await self.desk.settled()
        return str(answer.headers["location"]).partition("done=")[2]

    def is_live(self, event_id: str) -> bool:
        row = self.tables.consents.get(REF)
        return bool(live_consents(row, workspace_id="acme", person_id="p1", event_id=event_id))


@pytest.fixture
async def office(web: Web, at_desk: Desk) -> Office:
    office = Office(web, at_desk)
    await sign_in(web)
    return office


@pytest.mark.parametrize("event_id", ["b1", ""])
async def test_a_grant_sent_again_after_its_end_is_not_told_as_granted(office: Office, event_id: str) -> None:
    old = await office.form("old")
    grant: dict[str, Any] = {**GRANT, "event_id": event_id}
    assert await office.press("grant", old, **grant) == "granted"
    assert await office.press("grant", old, **grant) == "granted"
    assert await office.press("withdraw", old, scope="person", reason="asked by mail") == "withdrawn"
    assert await office.press("grant", old, **grant) == "ended_since"
    assert not office.is_live("b1")
    assert "has ended since" in words((await office.web.get(f"{PAGE}?done=ended_since")).text)
    assert await office.press("grant", await office.form("new"), **grant) == "granted"
    assert office.is_live("b1")


async def test_a_grant_sent_again_after_a_stop_is_told_with_the_reason(office: Office) -> None:
    old = await office.form("old")
    assert await office.press("grant", old, **GRANT) == "granted"
    office.tables.opt_outs[REF] = PhoneStops(stop_at=office.desk.now[0])
    office.desk.books.put(opted_out(seq=100))
    assert await office.press("grant", old, **GRANT) == "opted_out"
    assert await office.press("grant", await office.form("new"), **GRANT) == "opted_out"


async def test_a_grant_that_is_not_all_written_yet_is_pending(office: Office) -> None:
    """The ledger's topic may be archived before that of the consents."""
    put = office.desk.books.put
    office.desk.books.put = lambda *all_of: put(*[m for m in all_of if isinstance(m, LedgerEntry)])  # type: ignore[method-assign]
    assert await office.press("grant", await office.form("one"), **GRANT) == "pending"
