from typing import Any

import pytest
from httpx import AsyncClient as Web

from rules.ids import phone_ref
from schemas.consent import ConsentChange
from schemas.ledger import ConsentFact
from schemas.settings import SettingsChange
from tests.gateway.desk import NOW, PHONE, Desk
from tests.gateway.posts import PAUSE, STAFF, auth, consent, grant, setting

REF = phone_ref(b"example-reference", PHONE)


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
