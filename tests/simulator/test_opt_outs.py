"""The carrier's own opt-out: what it recognises, whom it blocks, what it says."""

import pytest

from simulator.ledger import AutoReplied, CallbackTried, Inbound
from simulator.opt_outs import AUTO_REPLIES, OptOuts, meaning
from tests.simulator.carrier import Carrier
from tests.simulator.conftest import Start
from tests.simulator.receiver import Receiver
from tests.simulator.test_replies import arrived


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("STOP", "optout"), ("stop \r\n", "optout"), ("Stop All", "optout"), ("unsubscribe", "optout"),
        ("END", "optout"), ("Stop it!", ""), ("STOP.", ""), (" STOP", ""), ("Start", "optin"),
        ("UNSTOP", "optin"), ("yes", ""), ("HELP", "help"), ("info", "help"),
    ],
)  # fmt: skip
def test_what_the_carrier_recognises(text: str, meant: str) -> None:
    assert meaning(text) == meant


def test_one_message_within_five_minutes_and_none_after() -> None:
    opt_outs = OptOuts()
    assert opt_outs.passes("us", "phone", 0)
    opt_outs.heard("us", "phone", "optout", 0)
    assert [opt_outs.passes("us", "phone", 299), opt_outs.passes("us", "phone", 299)] == [True, False]
    assert opt_outs.passes("them", "phone", 299)
    opt_outs.heard("us", "phone", "optin", 300)
    assert opt_outs.passes("us", "phone", 300)
    opt_outs.heard("us", "phone", "optout", 400)
    assert not opt_outs.passes("us", "phone", 701)


@pytest.mark.long
def test_stop_blocks_at_the_carrier_until_start(start: Start, receiver: Receiver) -> None:
    number, path = "+12025550409", "/dnd"
    with start(speedup=1.0, message_url=receiver.url + "/dnd-inbound") as carrier:
        uuid = carrier.reply(number, "Stop")
        assert arrived(receiver, uuid, path="/dnd-inbound")[0].form["MessageIntent"] == "optout"
        assert carrier.ledger(AutoReplied)[0].text == carrier.bubbles(number)[1]["text"]
        carrier.ends(carrier.send(number, "the one confirmation"), "delivered", "000")
        blocked = carrier.send(number, "one too many", url=receiver.url + path)
        assert receiver.wait(path, 2)[1].form["ErrorCode"] == "200"
        carrier.ends(blocked, "failed", "200")
        assert carrier.http.get(f"/admin/phones/{number}").json()["blocked"]
        carrier.reply(number, "START")
        carrier.ends(carrier.send(number), "delivered", "000")
        assert not carrier.http.get(f"/admin/phones/{number}").json()["blocked"]


def test_a_carrier_that_says_nothing(start: Start, receiver: Receiver) -> None:
    with start(auto_reply=False, intent=False, message_url=receiver.url + "/quiet") as carrier:
        uuid = carrier.reply("+12025550410", "STOP")
        assert arrived(receiver, uuid, path="/quiet")[0].form["MessageIntent"] == ""
        assert not carrier.ledger(AutoReplied)
        assert carrier.http.get("/admin/phones").json()[0]["blocked"]


@pytest.mark.long
def test_a_carrier_without_opt_out_or_message_url(start: Start) -> None:
    with start(dnd=False, message_url="") as carrier:
        uuid = carrier.reply("+12025550411", "STOP")
        assert carrier.plivo.messages.get(uuid).message_state == "received"
        assert carrier.ledger(Inbound)
        assert not carrier.ledger(CallbackTried)
        assert not carrier.ledger(AutoReplied)
        for _ in range(2):
            carrier.ends(carrier.send("+12025550411"), "delivered", "000")


def test_an_intent_of_ones_own(carrier: Carrier, receiver: Receiver) -> None:
    [got] = arrived(receiver, carrier.reply("+12025550412", "please end this", intent="optout"))
    assert got.form["MessageIntent"] == "optout"


def test_every_recognised_meaning_has_an_answer() -> None:
    assert AUTO_REPLIES.keys() == {"optout", "optin", "help"}
