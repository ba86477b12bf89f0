"""The carrier's webhook client: signatures, repeats, receivers that are slow or away."""

from collections import Counter

import pytest

from simulator.callbacks import REPEATS_AFTER_S
from simulator.ledger import CallbackTried
from simulator.settings import Signing
from tests.simulator.carrier import Carrier, until
from tests.simulator.conftest import Start
from tests.simulator.receiver import Receiver

NUMBER = "+12025550302"


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
    assert got[0].signed_by(carrier.settings.auth_token) == right


@pytest.mark.long
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
    assert all("V3" in report.signed_by(carrier.settings.auth_token) for report in got)
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
