"""Replies that cannot be decoded: whether they may ask for silence. A doubt is a yes."""

from typing import Any

import msgspec

from rules.keywords import classify, contains_opt_out

LOOKED_AT_BYTES = 65_536


def may_be_stop(payload: bytes) -> bool:
    """Whether an unreadable record of ``inbound-sms`` says STOP, or anything that would hold the phone.

    Where only another field is at fault, its text is read as ever; of broken bytes every word counts.
    """
    try:
        record: Any = msgspec.json.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return contains_opt_out(payload[:LOOKED_AT_BYTES])
    if not isinstance(record, dict):
        return contains_opt_out(payload[:LOOKED_AT_BYTES])
    if record.get("type") == "carrier-block":
        return True
    text, intent = str(record.get("text", "")), str(record.get("intent", ""))
    return classify(text[:LOOKED_AT_BYTES], intent).kind in ("opt_out", "held", "wrong_number")
