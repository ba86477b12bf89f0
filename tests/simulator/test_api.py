"""The message API through the real SDK, and the refusals Plivo documents."""

import json
import socket

import plivo
import pytest

from simulator.ledger import Accepted, Refused
from simulator.units import units
from tests.simulator.carrier import Carrier
from tests.simulator.client import PlivoClient
from tests.simulator.conftest import Start


def test_a_message_is_sent_got_and_listed(carrier: Carrier) -> None:
    uuid = carrier.send("+12025550101", "hé", message_expiry=600, log="number_only")
    [entry] = [entry for entry in carrier.ledger(Accepted) if entry.uuid == uuid]
    assert (entry.src, entry.dst, entry.text) == ("+13306619491", "+12025550101", "hé")
    assert (entry.message_expiry, entry.log, entry.answer) == (600, "number_only", "202")
    got = carrier.plivo.messages.get(uuid)
    assert (got.to_number, got.from_number, got.units) == ("12025550101", "13306619491", 1)
    assert got.message_time.endswith("+05:30")
    assert "text" not in got.__dict__
    listed = carrier.plivo.messages.list(message_direction="outbound", to_number="+12025550101")
    assert [message.message_uuid for message in listed.objects] == [uuid]
    assert carrier.bubbles("+12025550101")[0]["text"] == "hé"


def test_several_numbers_in_one_request(carrier: Carrier) -> None:
    answer = carrier.post(dst="+1 (202) 555-0102<12025550102<+12025550103<nonsense")
    assert answer.status_code == 202
    assert len(answer.json()["message_uuid"]) == 2  # each number once
    assert answer.json()["invalid_number"] == ["nonsense"]
    assert carrier.accepted("+12025550102") == carrier.accepted("+12025550103") == 1


LONG_GSM = "a" * 1601
LONG_UNICODE = "漢" * 738


@pytest.mark.parametrize(
    ("fields", "status", "reason"),
    [
        ({"dst": "abc"}, 400, "dst"),
        ({"dst": "+123456789012345"}, 400, "dst"),  # 15 digits, Plivo takes 14
        ({"dst": "<".join(f"1202555{n:04}" for n in range(1001))}, 400, "1000"),
        ({"src": None}, 400, "src"),
        ({"powerpack_uuid": "x"}, 400, "src"),
        ({"src": "a name that is too long"}, 400, "src"),
        ({"text": ""}, 400, "text"),
        ({"text": LONG_GSM}, 400, "1600"),
        ({"text": LONG_UNICODE}, 400, "737 unicode"),
        ({"message_expiry": 4}, 400, "message_expiry"),
        ({"message_expiry": 10_801}, 400, "message_expiry"),
        ({"log": "some"}, 400, "log"),
        ({"url": "ftp://example.org"}, 400, "url"),
        ({"type": "fax"}, 400, "type"),
        ({"text": "a" * 300_000}, 413, "too large"),
    ],
)
def test_what_plivo_refuses(carrier: Carrier, fields: dict[str, object], status: int, reason: str) -> None:
    answer = carrier.post(**fields)
    assert answer.status_code == status
    assert reason in answer.json()["error"]
    assert carrier.ledger(Refused)[-1].status == status


def test_unknown_fields_and_spellings_are_taken(carrier: Carrier) -> None:
    assert carrier.post(dst="1-202-555-0104", new_field=[1]).status_code == 202
    assert carrier.accepted("+12025550104") == 1


def test_a_body_that_is_no_json(carrier: Carrier) -> None:
    as_form = carrier.http.post(carrier.messages, data={"dst": "1"}, auth=carrier.access)
    broken = carrier.http.post(
        carrier.messages, content=b"{", auth=carrier.access, headers={"Content-Type": "application/json"}
    )
    assert (as_form.status_code, broken.status_code) == (400, 400)


def test_the_text_limit_may_count_bytes(start: Start, carrier: Carrier) -> None:
    text = "😀" + "漢" * 300  # 301 characters, 904 bytes
    with start(text_measure="bytes") as in_bytes:
        assert in_bytes.post(text=text).status_code == 400
    assert carrier.post(text=text).status_code == 202


def test_a_wrong_token_account_or_path(carrier: Carrier) -> None:
    with pytest.raises(plivo.exceptions.AuthenticationError):
        PlivoClient(carrier.settings.auth_id, "wrong", carrier.url).messages.list()
    with pytest.raises(plivo.exceptions.AuthenticationError):
        PlivoClient("MA" + "X" * 18, carrier.settings.auth_token, carrier.url).messages.get("x")
    elsewhere = carrier.url + "/v1/Account/MAXXXXXXXXXXXXXXXXXX/Message/"
    assert carrier.http.get(elsewhere, auth=carrier.access).status_code == 401
    refused = carrier.http.post(carrier.messages, json={}, auth=("MA", "wrong"))
    assert refused.headers["content-type"].startswith("text/html")
    with pytest.raises(json.JSONDecodeError):
        refused.json()
    assert carrier.http.post(carrier.messages.rstrip("/"), json={}, auth=carrier.access).status_code == 404


def test_an_unknown_uuid(carrier: Carrier) -> None:
    with pytest.raises(plivo.exceptions.ResourceNotFoundError):
        carrier.plivo.messages.get("unknown")


def test_the_answer_comes_in_one_piece(carrier: Carrier) -> None:
    """Headers and body in one segment: apart, they can cost a delayed acknowledgement."""
    host, port = carrier.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        for _ in range(20):
            connection.sendall(b"GET /admin/health HTTP/1.1\r\nHost: x\r\n\r\n")
            assert connection.recv(4096).endswith(b"}")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("€" * 80, 1),  # two septets each
        ("€" * 81, 2),
        ("漢" * 70, 1),
        ("漢" * 71, 2),
        ("😀" * 35, 1),  # two UTF-16 units each
        ("😀" * 36, 2),
    ],
)
def test_units(text: str, expected: int) -> None:
    assert units(text) == expected
