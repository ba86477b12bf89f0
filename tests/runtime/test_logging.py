"""A log line says what is on the list and nothing else, whatever a caller hands over."""

import json
from collections.abc import Iterator

import pytest
import structlog

from runtime.logging import FIELDS, configure
from tests.makers import PHONE

PERSONAL = {"phone", "number", "to", "dst", "text", "body", "words", "person_name", "place", "address", "ip"}


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    yield
    structlog.reset_defaults()


def test_what_is_not_listed_is_dropped(capsys: pytest.CaptureFixture[str]) -> None:
    configure()
    structlog.get_logger().info("sent", text_id="t1", phone=PHONE, body="Rally: your interview")
    [line] = capsys.readouterr().out.splitlines()
    said = json.loads(line)
    assert (said.pop("timestamp")[-1], said) == ("Z", {"event": "sent", "text_id": "t1", "level": "info"})


def test_nothing_personal_is_on_the_list() -> None:
    assert not FIELDS & PERSONAL
