"""What is said of a record that cannot be read names the field, never what stood in it."""

import msgspec
import pytest

from runtime.dead_letters import without_value
from schemas.topics import TOPICS, decode

CANARY = "Ann 'the' Canary - at `$.x`, +1 330 823 0147"


@pytest.mark.parametrize("topic", [topic.name for topic in TOPICS])
def test_no_value_is_told(topic: str) -> None:
    tags = [message.__struct_config__.tag for topic in TOPICS for message in topic.messages]
    words = dict.fromkeys(("status", "kind", "phone", "at", "zone", "action", "source", "text"), CANARY)
    told = [_told(topic, {"type": CANARY}), *(_told(topic, {"type": tag, **words}) for tag in tags)]
    assert [one for one in told if "Canary" in one or "0147" in one] == []
    assert all(told)


def _told(topic: str, record: dict[str, object]) -> str:
    with pytest.raises(msgspec.DecodeError) as raised:
        decode(topic, msgspec.json.encode(record))
    return without_value(raised.value)


def test_the_field_is_told() -> None:
    told = _told("booking-events", {"type": "booking", "status": CANARY})
    assert "status" in told
