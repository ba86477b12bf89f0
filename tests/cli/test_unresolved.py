"""Sends that stayed unclear are listed until a person has said what became of them."""

import asyncio
import uuid

import pytest
from msgspec.structs import replace
from typer.testing import CliRunner

from archive.process import keys_of
from cli.main import app
from records.engine import connect
from records.writes import write
from runtime import topics_admin
from runtime.config import Config
from schemas.base import Message
from schemas.journal import Accepted, Rejected
from schemas.topics import SMS_JOURNAL
from tests.logs import messages
from tests.records.desk import delivery, event

TEXT, OTHER, SETTLED = "a" * 32, "b" * 32, "c" * 32


def _write(config: Config, *messages: Message) -> None:
    engine = connect(config.records_url)
    with engine.begin() as connection:
        write(connection, messages, keys_of(config))
    engine.dispose()


@pytest.fixture
def two_unclear(config: Config) -> Config:
    """Records of two unresolved texts, and of one that evidence has settled."""
    for text_id, workspace in ((TEXT, "acme"), (OTHER, "zoo"), (SETTLED, "acme")):
        name = {"text_id": text_id, "workspace_id": workspace}
        _write(config, delivery(**name), event("unresolved", 2, attempt=1, **name))
    _write(config, event("accepted", 4, attempt=1, text_id=SETTLED, workspace_id="acme"))
    return config


def test_the_list(terminal: CliRunner, two_unclear: Config) -> None:
    told = terminal.invoke(app, ["unresolved"])
    assert told.exit_code == 1
    assert (TEXT in told.output, OTHER in told.output, SETTLED in told.output) == (True, True, False)
    of_acme = terminal.invoke(app, ["unresolved", "--workspace", "acme"])
    assert (TEXT in of_acme.output, OTHER in of_acme.output) == (True, False)
    assert delivery().phone not in told.output


def test_nothing_is_unclear(terminal: CliRunner, config: Config) -> None:
    assert terminal.invoke(app, ["unresolved"]).exit_code == 2  # no records: say so, not "none"
    _write(config, event("accepted", 4))
    assert terminal.invoke(app, ["unresolved"]).exit_code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([TEXT], "either --accepted UUID or --not-sent NOTE"),
        ([TEXT, "--accepted", "u", "--not-sent", "n"], "either --accepted UUID or --not-sent NOTE"),
        ([SETTLED, "--accepted", "u"], "is not unresolved"),
        ([TEXT, "--accepted", "not an id"], "--accepted"),
    ],
)
def test_what_is_not_taken(terminal: CliRunner, two_unclear: Config, words: list[str], said: str) -> None:
    told = terminal.invoke(app, ["resolve", *words])
    assert told.exit_code == 2
    assert said in told.output


@pytest.mark.servers
def test_a_persons_word_reaches_the_journal(
    terminal: CliRunner, two_unclear: Config, kafka: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", kafka)
    monkeypatch.setenv("PARTITIONS", "4")
    config = Config.from_env()
    asyncio.run(topics_admin.ensure(config))
    seen = f"seen-{uuid.uuid4()}"
    assert terminal.invoke(app, ["resolve", TEXT, "--accepted", seen]).exit_code == 0
    assert terminal.invoke(app, ["resolve", OTHER, "--not-sent", "Ann, the carrier's log"]).exit_code == 0
    said = {record.text.text_id: record for record in asyncio.run(messages(config, SMS_JOURNAL.name))}
    of_text, of_other = said[TEXT], said[OTHER]
    assert isinstance(of_text, Accepted)
    assert isinstance(of_other, Rejected)
    assert (of_text.carrier_uuid, of_text.evidence) == (seen, "operator")
    assert of_text.text == replace(delivery().text, text_id=TEXT, workspace_id="acme")
    assert of_other.reason == "by hand: Ann, the carrier's log"
