from dataclasses import replace

import pytest
from httpx import AsyncClient as Web

from gateway import counters
from rules.links import status_token
from schemas.dead_letters import DeadLetter
from schemas.sms import DeliveryReport
from tests.gateway.conftest import CURRENT
from tests.gateway.desk import Desk
from tests.gateway.webhook_posts import REPORT, TEXT_ID, post


def status_path(partition: int = 3, key: bytes = b"example-callback") -> str:
    return f"/webhooks/plivo/status/{status_token(key, TEXT_ID, 1, partition)}"


async def test_a_report_goes_to_the_partition_its_path_names(web: Web, at_desk: Desk) -> None:
    assert (await post(web, REPORT, status_path())).status_code == 200
    [report] = at_desk.paper.of(DeliveryReport)
    assert (report.text_id, report.attempt, report.partition) == (TEXT_ID, 1, 3)
    assert (report.status, report.error_code, report.units, report.sequence) == ("delivered", "", 2, 3)


@pytest.mark.parametrize(
    "changes", [{"Status": "never-heard-of"}, {"Sequence": "", "Units": "?"}, {"Extra": "1"}]
)
async def test_a_report_of_unknown_kind_passes(web: Web, at_desk: Desk, changes: dict[str, str]) -> None:
    assert (await post(web, REPORT | changes, status_path())).status_code == 200
    assert len(at_desk.paper.of(DeliveryReport)) == 1


async def test_a_path_that_we_did_not_make_is_refused(web: Web, at_desk: Desk) -> None:
    forged = status_path(key=b"a guess")
    bent = status_path().replace(f"{TEXT_ID}.1.3", f"{TEXT_ID}.1.4")
    for path in (forged, bent, "/webhooks/plivo/status/x"):
        assert (await post(web, REPORT, path)).status_code == 403
    assert (await web.post(status_path(), content=b"Status=delivered")).status_code == 403
    assert at_desk.paper.messages == []


async def test_a_report_of_no_message_is_kept_aside(web: Web, at_desk: Desk) -> None:
    assert (await post(web, {"Status": "sent"}, status_path())).status_code == 200
    assert [letter.topic for letter in at_desk.paper.of(DeadLetter)] == ["webhook status"]


async def test_a_report_that_kafka_did_not_take_is_asked_for_again(web: Web, at_desk: Desk) -> None:
    at_desk.paper.error = TimeoutError()
    assert (await post(web, REPORT, status_path())).status_code == 503


@pytest.mark.parametrize(("requester", "alarms"), [("192.0.2.9", 1), ("192.0.2.7", 0), ("", 0)])
async def test_a_text_sent_by_others_with_our_account_raises_an_alert(
    web: Web, at_desk: Desk, requester: str, alarms: int
) -> None:
    config = replace(at_desk.edge.config, our_addresses="192.0.2.7, 192.0.2.8")
    CURRENT[:] = [replace(at_desk.edge, config=config)]
    before = count()
    assert (await post(web, {**REPORT, "requester_ip": requester}, status_path())).status_code == 200
    assert count() - before == alarms
    assert len(at_desk.paper.of(DeliveryReport)) == 1


def count() -> float:
    return counters.LIMITED.labels("foreign_requester")._value.get()
