"""Delivery reports: paths, faults, signatures, repeats."""

from collections import Counter

import pytest

from simulator.ledger import CallbackTried, StateChanged
from tests.simulator.carrier import Carrier
from tests.simulator.conftest import Start
from tests.simulator.receiver import Got, Receiver

NUMBER = "+12025550301"


pytestmark = pytest.mark.long


def in_sequence(got: list[Got]) -> list[Got]:
    """As the carrier numbered them: posts of a moment may overtake one another on a busy machine."""
    return sorted(got, key=lambda report: int(report.form["Sequence"]))


def statuses(got: list[Got]) -> list[str]:
    return [report.form["Status"] for report in got]


def test_a_delivered_message_reports_each_state(carrier: Carrier, receiver: Receiver, path: str) -> None:
    uuid = carrier.send(NUMBER, url=receiver.url + path)
    got = in_sequence(receiver.wait(path, 3))
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
    got = in_sequence(receiver.wait(path, len(told)))
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
    marker = path + "-later"
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
    carrier.behave(NUMBER, "delayed:2")
    late = carrier.send(NUMBER, url=receiver.url + path)
    carrier.send(NUMBER, url=receiver.url + path)
    got = receiver.wait(path, 6)
    assert [report.form["MessageUUID"] == late for report in got] == [False] * 3 + [True] * 3


def test_before_the_answer(start: Start, receiver: Receiver, path: str) -> None:
    with start(webhook_timeout_s=30) as carrier:
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
    got = in_sequence(receiver.wait(path, 3))
    assert {report.method for report in got} == {"GET"}
    assert got[2].signed_by(carrier.settings.auth_token) == {"V3", "Ma-V3", "V2", "Ma-V2"}
    assert got[2].form["Status"] == "delivered"


def test_the_ledger_tells_the_path(carrier: Carrier) -> None:
    carrier.behave(NUMBER, "undelivered:50")
    uuid = carrier.send(NUMBER)
    carrier.ends(uuid, "undelivered", "50")
    moves = [entry for entry in carrier.ledger(StateChanged) if entry.uuid == uuid]
    assert [(move.state, move.error_code) for move in moves] == [("sent", ""), ("undelivered", "50")]
