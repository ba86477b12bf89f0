"""What phones text to us, as it arrives at the message URL; and the carrier's own opt-out."""

import pytest

from simulator.ledger import CallbackTried, Inbound
from tests.simulator.carrier import Carrier, until
from tests.simulator.conftest import Start
from tests.simulator.receiver import Got, Receiver


def arrived(receiver: Receiver, uuid: str, times: int = 1, path: str = "/inbound") -> list[Got]:
    """The callbacks about one inbound message."""

    def found() -> list[Got]:
        got = [got for got in receiver.wait(path, 0) if got.form["MessageUUID"] == uuid]
        return got if len(got) >= times else []

    return until(found)


def test_a_reply_arrives_signed(carrier: Carrier, receiver: Receiver) -> None:
    uuid = carrier.reply("+12025550401", "See you & thanks 😀\n")
    [got] = arrived(receiver, uuid)
    assert got.method == "POST"
    assert got.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert got.form == {
        "MessageUUID": uuid, "From": "12025550401", "To": "13306619491", "Type": "sms",
        "Text": "See you & thanks 😀\n", "Units": "1", "TotalRate": "0", "TotalAmount": "0",
        "PowerpackUUID": "", "MessageIntent": "",
    }  # fmt: skip
    assert got.signed_by(carrier.settings.auth_token) == {"V3", "Ma-V3", "V2", "Ma-V2"}
    [entry] = [entry for entry in carrier.ledger(Inbound) if entry.uuid == uuid]
    assert (entry.src, entry.dst, entry.text) == ("+12025550401", "+13306619491", "See you & thanks 😀\n")


def test_it_is_in_the_list_but_without_its_text(carrier: Carrier, receiver: Receiver) -> None:
    uuid = carrier.reply("+12025550402", "START")
    arrived(receiver, uuid)
    carrier.send("+12025550402")

    def listed() -> object:
        found = carrier.plivo.messages.list(message_direction="inbound", from_number="+12025550402")
        return found.objects if found.objects[0].message_state == "delivered" else None

    [message] = until(listed)
    assert (message.message_uuid, message.to_number) == (uuid, "13306619491")
    assert "START" not in str(message.__dict__)


@pytest.mark.parametrize(
    ("plus", "raw", "decoded"),
    [
        ("none", "From=12025550403&", "12025550403"),
        ("encoded", "From=%2B12025550403&", "+12025550403"),
        ("raw", "From=+12025550403&", " 12025550403"),
    ],
)
def test_spellings_of_a_number(
    carrier: Carrier, receiver: Receiver, plus: str, raw: str, decoded: str
) -> None:
    [got] = arrived(receiver, carrier.reply("+12025550403", "hi", plus=plus))
    assert raw in got.body
    assert got.form["From"] == decoded
    assert "V3" in got.signed_by(carrier.settings.auth_token)


@pytest.mark.parametrize("sender", ["72345", "PLIVO"])
def test_senders_that_are_no_numbers(carrier: Carrier, receiver: Receiver, sender: str) -> None:
    [got] = arrived(receiver, carrier.reply(sender, "hi", plus="encoded"))
    assert got.form["From"] == sender


def test_a_picture(carrier: Carrier, receiver: Receiver) -> None:
    pictures = ["https://example.org/1.jpg", "https://example.org/2.jpg"]
    [got] = arrived(receiver, carrier.reply("+12025550404", "STOP", type="mms", media=pictures))
    assert "Text" not in got.form
    assert (got.form["Body"], got.form["MediaCount"], got.form["Media1"]) == ("STOP", "2", pictures[1])
    assert got.form["MessageIntent"] == ""


def test_a_long_text_comes_joined(carrier: Carrier, receiver: Receiver) -> None:
    [got] = arrived(receiver, carrier.reply("+12025550405", "word " * 100))
    assert (got.form["Text"], got.form["Units"]) == ("word " * 100, "4")


def test_the_same_message_twice(carrier: Carrier, receiver: Receiver) -> None:
    uuid = carrier.reply("+12025550406", "STOP", times=2, uuid="given-uuid")
    assert uuid == "given-uuid"
    assert len(arrived(receiver, uuid, times=2)) == 2
    assert len([entry for entry in carrier.ledger(Inbound) if entry.uuid == uuid]) == 1


@pytest.mark.long
def test_replies_are_repeated_too(start: Start, receiver: Receiver) -> None:
    receiver.answers["/repeated"] = [403, 500]
    with start(message_url=receiver.url + "/repeated") as carrier:
        uuid = carrier.reply("+12025550407", "hi")
        assert len(arrived(receiver, uuid, times=3, path="/repeated")) == 3
        until(lambda: len(carrier.ledger(CallbackTried)) == 3)
        assert {entry.about for entry in carrier.ledger(CallbackTried)} == {"inbound"}
        until(lambda: carrier.bubbles("+12025550407")[0]["state"] == "delivered")


@pytest.mark.long
def test_people_answer_once_each(carrier: Carrier, receiver: Receiver) -> None:
    number = "+12025550413"
    people = [
        {"number": number, "on": {"contains": "BOOKED"}, "reply": "HELP", "delay_s": 0},
        {"number": number, "on": {"contains": "booked"}, "reply": "STOP", "delay_s": 0.01},
    ]
    carrier.admin("people", people)
    for text in ("Rally: nothing", "Rally: interview booked"):
        carrier.ends(carrier.send(number, text), "delivered", "000")
    until(lambda: any(bubble["text"] == "HELP" for bubble in carrier.bubbles(number)))
    carrier.send(number, "Booked again")
    until(lambda: any(bubble["text"] == "STOP" for bubble in carrier.bubbles(number)))
    carrier.send(number, "booked a third time")
    typed = [bubble["text"] for bubble in carrier.bubbles(number) if bubble["side"] == "typed"]
    assert typed == ["HELP", "STOP"]


def test_a_text_that_did_not_arrive_is_not_answered(carrier: Carrier) -> None:
    number = "+12025550414"
    carrier.admin("people", [{"number": number, "reply": "never", "delay_s": 0}])
    carrier.behave(number, "undelivered:50")
    carrier.ends(carrier.send(number), "undelivered", "50")
    assert [bubble["side"] for bubble in carrier.bubbles(number)] == ["received"]


@pytest.mark.parametrize(
    "body", [{"from": ""}, {"text": "x"}, {"from": "1", "extra": 1}, {"from": "1", "times": 99}]
)
def test_replies_that_make_no_sense(carrier: Carrier, body: dict[str, object]) -> None:
    assert carrier.http.post("/admin/replies", json=body).status_code == 400
