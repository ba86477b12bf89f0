"""`reminders erase`: what it orders, says and proves. The road through Kafka is the worker's."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from typer.testing import CliRunner

from archive.process import keys_of
from cli import erase
from cli.main import app
from records.engine import connect
from records.writes import write
from rules.ids import phone_ref
from runtime.config import Config
from runtime.topics_admin import COMPACTION_LAG_MS
from schemas.base import Message
from schemas.erasure import EraseEvent, ErasePhone, ErasePlans, EraseReplies
from tests.makers import PHONE, a_booking, a_consent, a_sign_up


@pytest.fixture
def orders(config: Config, monkeypatch: pytest.MonkeyPatch) -> list[Message]:
    """A person on record; what is ordered is written as the archive would."""
    ref = phone_ref(config.reference_secret.encode(), PHONE)
    ordered: list[Message] = []

    async def publish(_: Config, messages: list[Message]) -> bool:
        ordered.extend(messages)
        _write(config, *messages)
        return True

    monkeypatch.setattr(erase, "_publish_and_wait", publish)
    _write(config, a_booking(phone=PHONE), a_sign_up(phone=PHONE), a_consent(phone=PHONE, phone_ref=ref))
    return ordered


def _write(config: Config, *messages: Message) -> None:
    engine = connect(config.records_url)
    with engine.begin() as connection:
        write(connection, messages, keys_of(config))
    engine.dispose()


def _run(terminal: CliRunner, *words: str, code: int = 0, **more: Any) -> str:
    done = terminal.invoke(app, ["erase", *words], **more)
    assert done.exit_code == code, done.output
    return done.stdout


@pytest.mark.parametrize("words", [[PHONE], ["--workspace", "w1", "--person", "p1"]])
def test_a_phone_and_a_person(
    terminal: CliRunner, config: Config, orders: list[Message], words: list[str]
) -> None:
    proof = json.loads(_run(terminal, *words, "--reason", "asked by letter", "--yes"))
    assert [type(one) for one in orders] == [EraseEvent, ErasePhone, EraseReplies, ErasePlans]
    assert PHONE not in str(orders)
    assert (proof["events"], proof["records"]["done"]) == (["w1/b1"], True)
    assert proof["records"]["rows_changed"] == 3
    assert set(proof["topics_cleared_by_retention"]) >= {"sms-deliveries", "booking-events", "dead-letters"}
    assert "by reference" in proof["kept"]["opt_out"]


def test_files_of_the_worker_wait_for_the_last_tombstone_and_the_cleaner(
    terminal: CliRunner, config: Config, orders: list[Message]
) -> None:
    """Tombstones are written until the command gives up waiting; the cleaner looks from time to time."""
    proof = json.loads(_run(terminal, PHONE, "--reason", "asked by letter", "--yes"))
    stores = proof["worker_stores"]
    waited = datetime.fromisoformat(stores["not_before"]) - datetime.fromisoformat(proof["at"])
    assert waited >= timedelta(milliseconds=COMPACTION_LAG_MS, seconds=erase.WAIT_S, minutes=10)
    assert "stays silent is not compacted until something is written behind it" in stores["how"]
    assert "run the same erase again" in stores["how"]


def test_nothing_without_a_yes(terminal: CliRunner, config: Config, orders: list[Message]) -> None:
    _run(terminal, PHONE, "--reason", "asked", code=1, input="n\n")
    assert orders == []


def test_words_that_name_nobody(terminal: CliRunner, config: Config) -> None:
    for words in ([], ["--person", "p1"], [PHONE, "--person", "p1", "--workspace", "w1"], ["call me"]):
        _run(terminal, *words, "--reason", "asked", "--yes", code=2)
