"""Delivery reports: paths, faults, signatures, repeats."""

from collections import Counter
from itertools import count

import pytest
from plivo.utils import validate_signature, validate_v3_signature

from simulator.callbacks import REPEATS_AFTER_S
from simulator.ledger import CallbackTried, StateChanged
from simulator.settings import Signing
from tests.simulator.carrier import Carrier, until
from tests.simulator.conftest import Start
from tests.simulator.receiver import Got, Receiver

NUMBER = "+12025550301"
_paths = (f"/status/t{number}.1.0.ff" for number in count())


@pytest.fixture
def path() -> str:
    return next(_paths)


def statuses(got: list[Got]) -> list[str]:
    return [report.form["Status"] for report in got]


def test_a_delivered_message_reports_each_state(carrier: Carrier, receiver: Receiver, path: str) -> None:
    uuid = carrier.send(NUMBER, url=receiver.url + path)
    got = receiver.wait(path, 3)
    assert statuses(got) == ["queued", "sent", "delivered"]
    assert [report.form["Sequence"] for report in got] == ["1", "2", "3"]
    assert {report.form["MessageUUID"] for report in got} == {uuid}
    assert (got[2].form["To"], got[2].form["From"]) == ("12025550301", "13306619491")
    assert got[2].form["ErrorCode"] == ""
    assert got[2].form["DeliveryReportTime"] > got[1].form["SentTime"] > ""
    carrier.ends(uuid, "delivered", "000")


@pytest.mark.parametrize(
    ("behaviour", "told"),
    [
        ("undelivered:80", [("queued", ""), ("sent", ""), ("undelivered", "80")]),
        ("failed:300", [("queued", ""), ("failed", "300")]),
        ("sent", [("queued", ""), ("sent", "")]),
    ],
)
def test_other_paths(
    carrier: Carrier, receiver: Receiver, path: str, behaviour: str, told: list[tuple[str, str]]
) -> None:
    carrier.behave(NUMBER, behaviour)
    uuid = carrier.send(NUMBER, url=receiver.url + path)
    got = receiver.wait(path, len(told))
    assert [(report.form["Status"], report.form["ErrorCode"]) for report in got] == told
    state, code = told[-1]
    carrier.ends(uuid, state, code or None)


@pytest.mark.parametrize(("behaviour", "state"), [("silent", "queued"), ("lost", "delivered")])
def test_no_reports_at_all(
    carrier: Carrier, receiver: Receiver, path: str, behaviour: str, state: str
) -> None:
    carrier.behave(NUMBER, behaviour)
    uuid = carrier.send(NUMBER, url=receiver.url + path)
    carrier.ends(uuid, state, None if state == "queued" else "000")
    marker = next(_paths)
    carrier.send(NUMBER, url=receiver.url + marker)
    receiver.wait(marker, 3)  # a later message has reported everything, so this one would have
    assert receiver.wait(path, 0) == []
    assert not [entry for entry in carrier.ledger(CallbackTried) if entry.uuid == uuid]


def test_duplicated(carrier: Carrier, receiver: Receiver, path: str) -> None:
    carrier.behave(NUMBER, "duplicated")
    carrier.send(NUMBER, url=receiver.url + path)
    assert Counter(statuses(receiver.wait(path, 6))) == {"queued": 2, "sent": 2, "delivered": 2}


def test_reordered_with_the_true_sequence(carrier: Carrier, receiver: Receiver, path: str) -> None:
    carrier.behave(NUMBER, "reordered")
    carrier.send(NUMBER, url=receiver.url + path)
    got = receiver.wait(path, 3)
    assert statuses(got) == ["delivered", "sent", "queued"]
    assert [report.form["Sequence"] for report in got] == ["3", "2", "1"]


def test_delayed_past_the_next_send(carrier: Carrier, receiver: Receiver, path: str) -> None:
    carrier.behave(NUMBER, "delayed:0.2")
    late = carrier.send(NUMBER, url=receiver.url + path)
    carrier.send(NUMBER, url=receiver.url + path)
    got = receiver.wait(path, 6)
    assert [report.form["MessageUUID"] == late for report in got] == [False] * 3 + [True] * 3


def test_before_the_answer(carrier: Carrier, receiver: Receiver, path: str) -> None:
    carrier.behave(NUMBER, "early")
    uuid = carrier.send(NUMBER, url=receiver.url + path)
    assert {report.form["MessageUUID"] for report in receiver.wait(path, 0)} == {uuid}
    assert sorted(statuses(receiver.wait(path, 0))) == ["delivered", "queued", "sent"]


def test_odd_ones(carrier: Carrier, receiver: Receiver, path: str) -> None:
    carrier.behave(NUMBER, "unknown-uuid+unknown-status+extra-keys")
    uuid = carrier.send(NUMBER, url=receiver.url + path)
    got = receiver.wait(path, 9)
    assert sum(report.form["MessageUUID"] != uuid for report in got) == 3
    assert statuses(got).count("carrier_pending") == 3
    assert sum("SomethingNew" in report.form for report in got) == 3


def test_reports_by_get(carrier: Carrier, receiver: Receiver, path: str) -> None:
    carrier.send(NUMBER, url=f"{receiver.url}{path}?a=1", method="GET")
    got = receiver.wait(path, 3)
    assert {report.method for report in got} == {"GET"}
    assert fits(got[2], carrier.settings.auth_token) == {"V3", "Ma-V3", "V2", "Ma-V2"}
    assert got[2].form["Status"] == "delivered"


def fits(got: Got, token: str) -> set[str]:
    """Which signature headers the SDK finds right."""
    right = set()
    for name in ("V3", "Ma-V3"):
        signature = got.headers.get(f"X-Plivo-Signature-{name}", "")
        nonce = got.headers.get("X-Plivo-Signature-V3-Nonce", "")
        params = got.form if got.method == "POST" else {}
        if signature and validate_v3_signature(got.method, got.url, nonce, token, signature, params):
            right.add(name)
    for name in ("V2", "Ma-V2"):
        signature = got.headers.get(f"X-Plivo-Signature-{name}", "")
        nonce = got.headers.get("X-Plivo-Signature-V2-Nonce", "")
        if signature and validate_signature(got.url, nonce, signature, token):
            right.add(name)
    return right


@pytest.mark.parametrize(
    ("mode", "right"),
    [
        ("v3", {"V3", "Ma-V3", "V2", "Ma-V2"}),
        ("v2", {"V2", "Ma-V2"}),
        ("ma-v3", {"Ma-V3", "Ma-V2"}),
        ("comma", {"V3", "Ma-V3", "V2", "Ma-V2"}),
        ("tampered", {"V2", "Ma-V2"}),
        ("forged", set()),
        ("none", set()),
    ],
)
def test_signed_as_told(
    carrier: Carrier, receiver: Receiver, path: str, mode: Signing, right: set[str]
) -> None:
    carrier.admin("signing", {"mode": mode})
    try:
        carrier.send(NUMBER, url=receiver.url + path)
        got = receiver.wait(path, 3)
    finally:
        carrier.admin("signing", {"mode": "v3"})
    assert fits(got[0], carrier.settings.auth_token) == right


@pytest.mark.parametrize(("nonce", "different"), [("same", 1), ("fresh", 4)])
def test_repeats_until_taken(start: Start, receiver: Receiver, path: str, nonce: str, different: int) -> None:
    receiver.answers[path] = [503, -1, 302, 204]
    with start(
        nonce=nonce, speedup=5000, webhook_timeout_s=0.1, sent_after_s=9.0, delivered_after_s=9.0
    ) as carrier:
        uuid = carrier.send(NUMBER, url=receiver.url + path)
        got = receiver.wait(path, 4)
        until(lambda: len(carrier.ledger(CallbackTried)) == 4)
        tries = carrier.ledger(CallbackTried)
    assert len({report.headers["X-Plivo-Signature-V3-Nonce"] for report in got}) == different
    assert all("V3" in fits(report, carrier.settings.auth_token) for report in got)
    assert [(entry.attempt, entry.answer, entry.error) for entry in tries] == [
        (1, 503, ""), (2, None, "TimeoutError"), (3, 302, ""), (4, 204, ""),
    ]  # fmt: skip
    assert {(entry.uuid, entry.status, entry.about) for entry in tries} == {(uuid, "queued", "report")}


def test_three_repeats_and_no_more(start: Start, receiver: Receiver, path: str) -> None:
    receiver.answers[path] = [500] * 10
    with start(sent_after_s=0.1, delivered_after_s=9.0, speedup=10_000) as carrier:
        carrier.send(NUMBER, url=receiver.url + path)
        receiver.wait(path, 8)
        tries = until(lambda: carrier.ledger(CallbackTried)[7:] and carrier.ledger(CallbackTried))
    assert Counter(entry.status for entry in tries) == {"queued": 4, "sent": 4}
    assert Counter(entry.attempt for entry in tries) == {1: 2, 2: 2, 3: 2, 4: 2}


def test_the_waits_between_repeats() -> None:
    assert REPEATS_AFTER_S == (60, 120, 240)


def test_a_receiver_that_is_away(carrier: Carrier) -> None:
    uuid = carrier.send(NUMBER, url="http://127.0.0.1:1/status")
    tried = until(lambda: [entry for entry in carrier.ledger(CallbackTried) if entry.uuid == uuid])
    assert (tried[0].answer, tried[0].error) == (None, "ConnectError")


def test_the_ledger_tells_the_path(carrier: Carrier) -> None:
    carrier.behave(NUMBER, "undelivered:50")
    uuid = carrier.send(NUMBER)
    carrier.ends(uuid, "undelivered", "50")
    moves = [entry for entry in carrier.ledger(StateChanged) if entry.uuid == uuid]
    assert [(move.state, move.error_code) for move in moves] == [("sent", ""), ("undelivered", "50")]
