"""Whatever the carrier answers, or does not: every text ends, none is accepted twice, and what is unclear is
settled by evidence or shown to a person.
"""

import os

import httpx
import pytest
from msgspec.structs import replace

from schemas.sms import CarrierBlock
from simulator.answers import ANSWERS
from tests.sender.street import Street, eventually
from tests.sender.texts import delivery, new_phone, reminder

pytestmark = pytest.mark.servers

EACH_ANSWER = int(os.environ.get("EACH_ANSWER", "2"))

AGAIN = {"429", "429-json"}
REFUSED = {"400", "403", "404", "405", "409", "413", "422", "202-invalid"}
ACCOUNT = {"401", "402"}
SURELY = {"202", "200", "201"}
UNCLEAR = ANSWERS - AGAIN - REFUSED - ACCOUNT - SURELY
ACCEPTED_ANYWAY = {
    name
    for name in UNCLEAR
    if name in ("302", "hang", "close", "reset", "truncated", "drip") or name.startswith("202")
}


def test_every_answer_ends_in_its_outcome(street: Street) -> None:
    """Each answer several times, among texts that are answered well."""
    street.start()
    answers = [answer for answer in sorted(ANSWERS - ACCOUNT) for _ in range(EACH_ANSWER)]
    texts = [(answer, delivery(new_phone())) for answer in answers]
    for answer, text in texts:
        street.carrier.behave(text.phone, answer)
    load = [delivery(new_phone()) for _ in range(2 * len(texts))]
    street.publish(*load[::2], *(text for _, text in texts), *load[1::2])
    ends = street.ends(*(text.text.text_id for text in (*load, *(t for _, t in texts))), timeout_s=90)
    ended = [(answer, ends[text.text.text_id].partition(" ")[0]) for answer, text in texts]
    assert ended == [
        (
            answer,
            "rejected"
            if answer in REFUSED
            else "accepted"
            if answer in SURELY | AGAIN | ACCEPTED_ANYWAY
            else "unresolved",
        )
        for answer in answers
    ]
    sent = street.all_sent()
    assert {name: sent[name] for name in ends} == {name: int(end == "accepted") for name, end in ends.items()}
    for _, text in texts:
        if ends[text.text.text_id] == "unresolved":
            assert f'"text_id": "{text.text.text_id}", "event": "unresolved"' in street.log()


def test_a_second_try_only_where_nothing_was_accepted(street: Street) -> None:
    """Without reports, only the list tells; a reminder whose try left no trace goes once more."""
    street.callbacks.lost = True
    street.start()
    behaviours = [
        "close",
        "close+unaccepted",
        "hang",
        "hang+unaccepted",
        "500",
        "500+accepted",
        "503+accepted",
    ]
    texts = {how: reminder(new_phone()) for how in behaviours}
    for how, text in texts.items():
        street.carrier.behave(text.phone, how)
    street.publish(*texts.values())
    ends = street.ends(*(text.text.text_id for text in texts.values()), timeout_s=60)
    assert set(ends.values()) == {"accepted"}
    sent = street.all_sent()
    assert {sent[text.text.text_id] for text in texts.values()} == {1}
    attempts = {
        how: [e.attempt for e in street.events(text.text.text_id) if e.state == "accepted"]
        for how, text in texts.items()
    }
    assert attempts == {
        how: [2] if how in ("close+unaccepted", "hang+unaccepted", "500") else [1] for how in texts
    }


def test_strict_never_tries_twice(street: Street) -> None:
    street.callbacks.lost = True
    street.start(REMINDER_POLICY="strict")
    texts = [reminder(new_phone()), delivery(new_phone())]
    for text in texts:
        street.carrier.behave(text.phone, "close+unaccepted")
    street.publish(*texts)
    ends = street.ends(*(text.text.text_id for text in texts), timeout_s=60)
    assert set(ends.values()) == {"unresolved"}
    assert '"event": "unresolved"' in street.logs()


def test_late_evidence_turns_an_unresolved_text(street: Street) -> None:
    street.callbacks.lost = True
    street.start(LIST_PER_MINUTE="0")
    text = delivery(new_phone())
    street.carrier.behave(text.phone, "hang+delayed:14")
    street.publish(text)
    assert street.end(text.text.text_id, timeout_s=40) == "unresolved"
    street.callbacks.lost = False
    eventually(lambda: "accepted" in [e.state for e in street.events(text.text.text_id)], 40)
    assert street.sent(text.text.text_id) == 1


def test_the_carriers_own_opt_out_silences_the_phone(street: Street) -> None:
    street.start()
    phone = new_phone()
    first, second = delivery(phone), reminder(phone)
    street.carrier.behave(phone, "failed:200")
    street.publish(first)
    assert street.end(first.text.text_id) == "accepted"
    blocks = eventually(
        lambda: [m for m in street.read("inbound-sms") if isinstance(m, CarrierBlock)], otherwise=street.logs
    )
    assert blocks[0].text_id == first.text.text_id
    street.publish(second)
    assert street.end(second.text.text_id) == "suppressed opted_out"


def test_without_credit_the_sender_waits_and_loses_nothing(street: Street) -> None:
    street.start(CREDIT_PAUSE_S="2")
    last, text = delivery(new_phone()), delivery(new_phone())
    street.carrier.admin("credit", {"messages": 0, "refusal_status": 402})
    try:
        street.publish(last)
        assert street.end(last.text.text_id) == "accepted"  # and fails in the carrier's network: code 900
        street.publish(text)
        eventually(lambda: "account_paused" in street.logs(), otherwise=street.logs)
    finally:
        street.carrier.admin("credit", {"messages": None})
    assert street.end(text.text.text_id, timeout_s=40) == "accepted"
    assert street.sent(text.text.text_id) == 1


def test_a_refused_account_stops_all_and_burns_nothing(street: Street) -> None:
    street.start()
    texts = [delivery(new_phone(), valid_s=20) for _ in range(5)]
    street.carrier.behave("*", "401", None)
    street.publish(*texts)
    eventually(lambda: "account_refused" in street.logs())
    street.stop()
    street.carrier.http.delete("/admin/behaviours").raise_for_status()
    street.start()
    ends = street.ends(*(text.text.text_id for text in texts))
    assert set(ends.values()) == {"accepted"}


def test_reports_in_any_order_and_number(street: Street) -> None:
    street.start()
    texts = {how: delivery(new_phone()) for how in ("duplicated", "reordered", "early", "unknown-status")}
    for how, text in texts.items():
        street.carrier.behave(text.phone, how)
    street.publish(*texts.values())
    for text in texts.values():
        eventually(lambda text=text: "delivered" in [e.state for e in street.events(text.text.text_id)])
        states = [e.state for e in street.events(text.text.text_id)]
        assert states[0] == "accepted"
        assert [s for s in states if s != "sent"] == ["accepted", "delivered"]
        assert street.sent(text.text.text_id) == 1
    names = [text.text.text_id for text in texts.values()]
    told = [street.events(name) for name in names]
    once_more = [report for report in street.read("delivery-reports") if report.text_id in names]
    pass_by = delivery(new_phone())
    street.publish(*once_more, *once_more, pass_by)
    eventually(lambda: "delivered" in [e.state for e in street.events(pass_by.text.text_id)])
    assert [street.events(name) for name in names] == told


def test_forged_reports_change_nothing(street: Street) -> None:
    """A path that names no try is refused at the door; a captured one with another message is an alarm."""
    street.start()
    phone = new_phone()
    first, second = delivery(phone), reminder(phone)
    street.publish(first)
    name = first.text.text_id
    eventually(lambda: "delivered" in [e.state for e in street.events(name)], otherwise=street.logs)
    token = f"{name}.1.0.{'0' * 32}"
    refused = httpx.post(f"{street.callbacks.url}/webhooks/plivo/status/{token}", data={"Status": "failed"})
    assert refused.status_code == 403
    known = next(report for report in street.read("delivery-reports") if report.text_id == name)
    forged = replace(known, carrier_uuid="forged", status="failed", sequence=99, error_code="200")
    street.publish(forged)
    eventually(lambda: "report_of_another_message" in street.log(), otherwise=street.logs)
    street.publish(second)
    assert street.end(second.text.text_id) == "accepted"
    assert "failed" not in [e.state for e in street.events(name)]
