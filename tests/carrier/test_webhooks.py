"""Webhook forms, as peers have seen them: any spelling of a number, any extra key, nothing an error."""

import pytest

from carrier.webhooks import InboundForm, StatusForm, e164, read_inbound, read_status


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        ("12025550123", "+12025550123"),
        ("+12025550123", "+12025550123"),
        (" 12025550123", "+12025550123"),
        ("12345", None),
        ("RALLY", None),
        ("", None),
        ("+1202555012\uff13", None),
        ("0012025550123", None),
        ("1202555012312025550123", None),
    ],
)
def test_numbers(raw: str, number: str | None) -> None:
    assert e164(raw) == number


def test_a_reply() -> None:
    form = {
        "To": "4759440448",
        "From": "4795961111",
        "TotalRate": "0",
        "Units": "1",
        "Text": "Msg",
        "TotalAmount": "0",
        "Type": "sms",
        "MessageUUID": "7a242edc-2f57-11e7-98c9-06ab0bf64327",
    }
    assert read_inbound(form) == InboundForm(
        inbound_uuid="7a242edc-2f57-11e7-98c9-06ab0bf64327",
        sender="+4795961111",
        to="+4759440448",
        text="Msg",
        intent="",
    )


@pytest.mark.parametrize(
    ("word", "intent"), [("optout", "optout"), ("OptOut", "optout"), ("help", "help"), ("news", ""), ("", "")]
)
def test_what_the_carrier_read_in_it(word: str, intent: str) -> None:
    assert read_inbound({"MessageUUID": "u", "MessageIntent": word}).intent == intent


def test_an_mms_has_a_body() -> None:
    assert read_inbound({"MessageUUID": "u", "Type": "mms", "Body": "STOP", "Media0": "x"}).text == "STOP"


def test_a_reply_without_its_id_is_none() -> None:
    with pytest.raises(KeyError):
        read_inbound({"From": "12025550123", "Text": "STOP"})


def test_a_report() -> None:
    form = {
        "Status": "delivered",
        "From": "13342031111",
        "ParentMessageUUID": "83876bdb-2033-4876-bfaf-0ff8693705af",
        "MCC": "405",
        "PartInfo": "1 of 1",
        "ErrorCode": "",
        "To": "918553651111",
        "Units": "1",
        "MNC": "803",
        "MessageUUID": "83876bdb-2033-4876-bfaf-0ff8693705af",
    }
    assert read_status(form) == StatusForm(
        carrier_uuid="83876bdb-2033-4876-bfaf-0ff8693705af",
        status="delivered",
        sequence=None,
        error_code="",
        units=1,
    )


@pytest.mark.parametrize(("code", "read"), [("000", ""), ("", ""), ("200", "200"), ("1000", "1000")])
def test_error_codes(code: str, read: str) -> None:
    form = {"MessageUUID": "u", "Status": "Failed", "ErrorCode": code, "Sequence": "2"}
    assert read_status(form) == StatusForm(
        carrier_uuid="u", status="failed", sequence=2, error_code=read, units=None
    )


@pytest.mark.parametrize("sequence", ["x", "-1", "²", "1.5"])
def test_a_strange_sequence_is_none(sequence: str) -> None:
    assert read_status({"MessageUUID": "u", "Status": "sent", "Sequence": sequence}).sequence is None
