"""Every number that asks for a behaviour by its last digits, and every code a report may carry, over HTTP."""

import pytest

from simulator.behaviours import NUMBERED, magic, parse
from tests.simulator.carrier import Carrier
from tests.simulator.receiver import Receiver

CODES = (
    *("10", "20", "30", "40", "50", "60", "70", "80", "90", "100", "110"),
    *("200", "201", "300", "420", "450", "900", "910", "1000"),
)
"""As Plivo lists them."""


def suffix(code: str) -> str:
    return "000" if code == "1000" else code.zfill(3)


@pytest.mark.parametrize("kind", ["1", "2"])
@pytest.mark.parametrize("code", CODES)
def test_a_number_asks_for_each_code(kind: str, code: str) -> None:
    found = magic(f"+1500555{kind}{suffix(code)}")
    assert found is not None
    assert (found.end, found.error_code) == ({"1": "undelivered", "2": "failed"}[kind], code)


@pytest.mark.long
def test_each_code_is_reported_after_its_states(carrier: Carrier, receiver: Receiver, path: str) -> None:
    """Undelivered comes after the carrier sent it, failed before."""
    wanted: dict[str, list[tuple[str, str]]] = {}
    for code in CODES:
        for kind, end in (("1", "undelivered"), ("2", "failed")):
            uuid = carrier.send(f"+1500555{kind}{suffix(code)}", url=receiver.url + path)
            sent = [("sent", "")] if end == "undelivered" else []
            wanted[uuid] = [("queued", ""), *sent, (end, code)]
    got = receiver.wait(path, sum(map(len, wanted.values())))
    found: dict[str, list[tuple[str, str]]] = {uuid: [] for uuid in wanted}
    for report in sorted(got, key=lambda one: int(one.form["Sequence"])):
        found[report.form["MessageUUID"]].append((report.form["Status"], report.form["ErrorCode"]))
    assert found == wanted


LISTED = {
    "hang": {"000", "001", "026"},
    "close": {"002", "003"},
    "reset": {"004"},
    "truncated": {"005"},
    "drip": {"006"},
    "202-empty": {"007"},
    "202-html": {"008"},
    "202-no-uuid": {"009"},
    "302": {"010"},
    "429-html": {"011"},
    "429-empty": {"012"},
    "429-json": {"013"},
    "500": {"014"},
    "503": {"015"},
    "202": {f"{n:03}" for n in range(16, 26)},
}
ENDS = {"016": "sent", "017": "silent"}
FAULTS = {
    "018": "lost",
    "019": "duplicated",
    "020": "reordered",
    "021": "early",
    "022": "delayed",
    "023": "unknown-uuid",
    "024": "unknown-status",
    "025": "extra-keys",
    "026": "lost",
}
REFUSED = {"001", "003", "011", "012", "013"}
"""What of these the carrier does not have."""


def test_every_listed_number_asks_for_what_the_list_says() -> None:
    rows = [(number, answer) for answer, numbers in LISTED.items() for number in numbers]
    assert sorted(number for number, _ in rows) == sorted(NUMBERED)
    for number, answer in rows:
        found = magic(f"+15005553{number}")
        assert found == parse(NUMBERED[number])
        assert found.answer == answer, number
        assert found.end == ENDS.get(number, "delivered"), number
        assert found.faults == ({FAULTS[number]} if number in FAULTS else set()), number
        assert found.accepted is (number not in REFUSED), number
