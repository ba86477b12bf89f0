"""Everything a send may be answered with, as the real SDK and a plain client see it."""

from collections.abc import Iterator
from typing import get_args

import httpx
import plivo
import pytest
import requests

from simulator.answers import AnswerName
from simulator.ledger import Accepted, Refused, Unanswered
from tests.simulator.carrier import Carrier, until
from tests.simulator.client import PlivoClient
from tests.simulator.conftest import Start

pytestmark = pytest.mark.long

REST = plivo.exceptions.PlivoRestError
REFUSALS = {
    "400": plivo.exceptions.ValidationError,
    "401": plivo.exceptions.AuthenticationError,
    "402": REST,
    "403": plivo.exceptions.GeoPermissionError,
    "404": plivo.exceptions.ResourceNotFoundError,
    "405": plivo.exceptions.InvalidRequestError,
    "408": REST,
    "409": plivo.exceptions.InvalidRequestError,
    "413": REST,
    "422": plivo.exceptions.InvalidRequestError,
    "429": REST,
    "429-json": REST,
    "429-html": REST,
    "429-empty": REST,
    "500": plivo.exceptions.PlivoServerError,
    "502": REST,
    "503": REST,
    "504": REST,
}
BROKEN = {
    "close": requests.exceptions.ConnectionError,
    "reset": requests.exceptions.ConnectionError,
    "truncated": requests.exceptions.ChunkedEncodingError,
    "hang": requests.exceptions.ReadTimeout,
}
ODD = {"200", "201", "202", "202-invalid", "202-empty", "202-html", "202-no-uuid", "202-empty-uuid"} | {
    "202-string", "202-list", "302", "drip",
}  # fmt: skip


def test_every_answer_is_tried_here() -> None:
    assert set(get_args(AnswerName)) == REFUSALS.keys() | BROKEN.keys() | ODD


@pytest.mark.parametrize("name", REFUSALS)
def test_refusals_as_the_sdk_sees_them(carrier: Carrier, name: str) -> None:
    number = "+12025550201"
    before = carrier.accepted(number)
    carrier.behave(number, name)
    with pytest.raises(REFUSALS[name]) as seen:
        carrier.send(number)
    assert type(seen.value) is REFUSALS[name]
    assert carrier.accepted(number) == before
    refused = carrier.ledger(Refused)[-1]
    assert (refused.status, refused.dst, refused.text) == (int(name[:3]), number, "hello")


@pytest.mark.parametrize("accepted", [True, False])
@pytest.mark.parametrize("name", BROKEN)
def test_broken_answers_as_the_sdk_sees_them(carrier: Carrier, name: str, accepted: bool) -> None:
    number = "+12025550202"
    before = carrier.accepted(number)
    carrier.behave(number, f"{name}+{'accepted' if accepted else 'unaccepted'}")
    client = PlivoClient(*carrier.access, carrier.url, timeout_s=0.1)
    with pytest.raises(BROKEN[name]):
        client.messages.create(src="+13306619491", dst=number, text="hello")
    client.session.close()
    assert carrier.accepted(number) == before + accepted
    if not accepted:
        last = carrier.ledger(Unanswered)[-1]
        assert (last.how, last.phase, last.dst) == (f"{name}+unaccepted", "request", number)


@pytest.mark.parametrize(
    ("name", "how"), [("close", "RemoteDisconnected"), ("reset", "ConnectionResetError")]
)
def test_a_close_is_no_reset(carrier: Carrier, name: str, how: str) -> None:
    carrier.behave("+12025550209", name)
    with pytest.raises(requests.exceptions.ConnectionError, match=how):
        carrier.send("+12025550209")


@pytest.mark.parametrize("name", ["202-empty", "202-html"])
def test_the_sdk_gives_none_for_an_unreadable_202(carrier: Carrier, name: str) -> None:
    carrier.behave("+12025550203", name)
    assert carrier.plivo.messages.create(src="+13306619491", dst="+12025550203", text="hello") is None


@pytest.mark.parametrize(
    ("name", "uuids"),
    [("200", 1), ("201", 1), ("202", 1), ("202-invalid", 0), ("202-no-uuid", None), ("202-empty-uuid", [""])],
)
def test_good_and_odd_answers(carrier: Carrier, name: str, uuids: object) -> None:
    carrier.behave("+12025550204", name)
    answer = carrier.post(dst="+12025550204")
    assert answer.status_code == int(name[:3])
    told = answer.json().get("message_uuid")
    assert told == uuids if not isinstance(uuids, int) else len(told) == uuids


def test_an_answer_of_another_shape(carrier: Carrier) -> None:
    carrier.behave("+12025550205", "202-list")
    carrier.behave("+12025550205", "202-string")
    assert isinstance(carrier.post(dst="+12025550205").json(), list)
    assert isinstance(carrier.post(dst="+12025550205").json()["message_uuid"], str)


def test_a_redirect_that_must_not_be_followed(carrier: Carrier) -> None:
    carrier.behave("+12025550206", "302")
    answer = carrier.post(dst="+12025550206")
    assert (answer.status_code, answer.headers["location"]) == (302, "/v1/elsewhere/")
    assert carrier.accepted("+12025550206") == 1


@pytest.mark.parametrize(
    ("name", "kind", "retry_after"),
    [
        ("429", "application/json", "1"),
        ("429-json", "application/json", None),
        ("429-html", "text/html", None),
    ],
)
def test_the_three_kinds_of_429(carrier: Carrier, name: str, kind: str, retry_after: str | None) -> None:
    carrier.behave("+12025550207", name)
    answer = carrier.post(dst="+12025550207")
    assert answer.headers["content-type"].startswith(kind)
    assert answer.headers.get("retry-after") == retry_after


def test_a_drip_comes_byte_by_byte(carrier: Carrier) -> None:
    carrier.behave("+12025550208", "drip")
    body = {"src": "+13306619491", "dst": "+12025550208", "text": "hello"}
    with carrier.http.stream("POST", carrier.messages, json=body, auth=carrier.access) as answer:
        pieces = answer.iter_raw()
        assert [len(next(pieces)) for _ in range(2)] == [1, 1]
        assert int(answer.headers["content-length"]) > 100


def test_a_request_broken_off_inside_its_body(carrier: Carrier) -> None:
    before = len(carrier.ledger(Unanswered))

    def body() -> Iterator[bytes]:
        yield b'{"dst":'
        raise InterruptedError

    with pytest.raises(InterruptedError):
        carrier.http.post(carrier.messages, content=body(), auth=carrier.access)
    until(lambda: len(carrier.ledger(Unanswered)) > before)
    assert carrier.ledger(Unanswered)[-1].phase == "body"


def test_magic_numbers_need_no_order(carrier: Carrier) -> None:
    assert carrier.post(dst="+15005550503").status_code == 503
    assert carrier.post(dst="+15005550403").status_code == 403


@pytest.mark.parametrize(("how", "error"), [("closed", "refused"), ("full", "timed out")])
def test_a_port_that_is_away_comes_back(start: Start, how: str, error: str) -> None:
    with start() as carrier:
        carrier.admin("outages", {"for_s": 0.3, "how": how})
        with pytest.raises((httpx.ConnectError, httpx.ConnectTimeout), match=error):
            _ask_until_it_fails(carrier)
        until(lambda: _answers(carrier))
        assert carrier.post().status_code == 202
        assert len(carrier.ledger(Accepted)) == 1


def _ask_until_it_fails(carrier: Carrier) -> None:
    """The port goes a moment after the admin route's answer."""
    while True:
        httpx.get(carrier.url + "/admin/health", timeout=0.1, trust_env=False)


def _answers(carrier: Carrier) -> bool:
    try:
        httpx.get(carrier.url + "/admin/health", timeout=0.1, trust_env=False)
    except httpx.TransportError:
        return False
    return True
