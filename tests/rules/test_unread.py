"""Replies that cannot be decoded: a doubt is a STOP."""

import pytest

from rules.unread import may_be_stop


@pytest.mark.parametrize(
    ("payload", "stop"),
    [
        # another field is at fault: the text is read as ever
        (b'{"type":"inbound","text":"STOP","inbound_uuid":17}', True),
        (b'{"type":"inbound","text":"\\u0053top."}', True),
        (b'{"type":"inbound","text":"see you","inbound_uuid":17}', False),
        # what would hold the phone, or says wrong number, may be a stop
        (b'{"type":"inbound","text":"can we stop a bit earlier tomorrow"}', True),
        (b'{"type":"inbound","text":"wrong number"}', True),
        # the carrier's own reading, even one we do not know the field's type of
        (b'{"type":"inbound","text":7,"intent":"optout"}', True),
        (b'{"type":"inbound"}', False),
        # the carrier refused a text: it knows of a STOP
        (b'{"type":"carrier-block"}', True),
        # broken bytes: any opt-out word counts
        (b'{"type":"inbound","text":"please STOP', True),
        (b"\xff\xfe stop \x00", True),
        (b'{"type":"inbound","text":"see you', False),
        # no object, nothing at all, nested without end
        (b'["STOP"]', True),
        (b'["hello"]', False),
        (b"", False),
        (b"[" * 100_000, False),
    ],
)
def test_what_may_be_a_stop(payload: bytes, stop: bool) -> None:
    assert may_be_stop(payload) == stop
