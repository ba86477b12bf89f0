"""Where nothing runs, nothing is written yet or a word is wrong, each command says what to do next."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from click.testing import Result
from typer.testing import CliRunner

from cli.main import app
from records.engine import connect
from runtime.config import Config
from tests.makers import PHONE

KAFKA = "Kafka at 127.0.0.1:1 does not answer (KafkaConnectionError): start it"
NO_RECORDS = "`reminders archive` writes them"

ASKS_RECORDS = [
    "why b1",
    "report",
    "forecast",
    "drift",
    f"evidence {PHONE}",
    f"consent {PHONE} --workspace w",
    "ledger verify --offline",
    "records rebuild --yes",
    "dead-letters list",
    "dead-letters show x",
    "dead-letters redrive x --reason r",
    "dead-letters discard x --reason r",
    f"erase {PHONE} --reason r --yes",
    "unresolved",
    "resolve x --not-sent r",
]
ASKS_KAFKA = [
    "topics",
    "topics --check",
    "rebuild",
    "replay --topic booking-events --from 2h --dry-run",
    "ledger verify",
    f"erase {PHONE} --reason r --yes",
]
WRONG = {
    "why": "Missing argument",
    "report --since soon": "'soon' is no time: 2026-05-04T14:00, or 7d",
    "report --since 99999999999d": "is no time",
    "forecast --ahead-h 0": "--ahead-h",
    "evidence": "name a phone or a --workspace",
    "evidence 555": "Give it with + and country code",
    "evidence --verify none.json": "give the JSON it printed",
    "evidence --verify broken.json": "give the JSON it printed",
    "evidence --verify other.json": "give the JSON it printed",
    f"consent {PHONE} --workspace w --at then": "'then' is no time",
    "erase --person p --reason r": "name a phone, or --workspace and --person",
    "resolve x": "say either --accepted UUID or --not-sent NOTE",
    "ref 99": "Give it with + and country code",
    "replay --topic nothing --from 2h --dry-run": "nothing is none of: booking-events",
    "doctor --test-text 1": "--test-text goes with --carrier",
    "invite --workspace w --workspace-name W --study s --zone Mars/One": "not an IANA time zone",
    "demo none.jsonl": "no story can be read there",
    "demo broken.json": "broken.json, line 1",
    "reprot": "Did you mean 'report'?",
}


@pytest.fixture(autouse=True)
def nothing_runs(config: Config, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1")
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    monkeypatch.setenv("COLUMNS", "300")
    yield
    structlog.reset_defaults()  # a process set up its logs


def asked(terminal: CliRunner, line: str, code: int) -> str:
    """What the command says; it ended by itself, with the code."""
    done: Result = terminal.invoke(app, line.split())
    assert done.exception is None or isinstance(done.exception, SystemExit), repr(done.exception)
    assert done.exit_code == code, done.output
    return " ".join(done.output.split())


@pytest.mark.parametrize("line", ASKS_RECORDS)
def test_without_records(terminal: CliRunner, config: Config, line: str) -> None:
    assert NO_RECORDS in asked(terminal, line, 2)
    assert not list(Path().glob("records.sqlite*")), "a question makes no database"


@pytest.mark.parametrize("line", ASKS_RECORDS)
def test_records_that_are_none(terminal: CliRunner, config: Config, line: str) -> None:
    Path("records.sqlite").write_text("these are no records, " * 100)
    assert "or correct RECORDS_URL" in asked(terminal, line, 2)


# another driver, a server that is away, and nothing that is an address
@pytest.mark.parametrize("url", ["mystery://x", "postgresql://127.0.0.1:1/records", "records"])
def test_records_elsewhere(terminal: CliRunner, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("RECORDS_URL", url)
    assert "or correct RECORDS_URL" in asked(terminal, "why b1", 2)
    assert "mend: start the database, or correct RECORDS_URL" in asked(terminal, "doctor", 1)


def test_records_of_a_later_version(terminal: CliRunner, config: Config) -> None:
    connect(config.records_url).dispose()
    with sqlite3.connect("records.sqlite") as later:
        later.execute("UPDATE alembic_version SET version_num = '9999'")
    assert "is one of this version" in asked(terminal, "report", 2)


@pytest.mark.parametrize("line", ASKS_KAFKA)
def test_without_kafka(terminal: CliRunner, config: Config, line: str) -> None:
    connect(config.records_url).dispose()
    assert KAFKA in asked(terminal, line, 2)


@pytest.mark.parametrize("name", ["worker", "sender", "archive"])
def test_a_process_without_kafka(terminal: CliRunner, config: Config, name: str) -> None:
    """It ends, so that whoever watches over it starts it again."""
    assert KAFKA in asked(terminal, name, 1)


@pytest.mark.parametrize("line", WRONG)
def test_a_wrong_word(terminal: CliRunner, config: Config, line: str) -> None:
    connect(config.records_url).dispose()
    Path("broken.json").write_text("{not JSON")
    Path("other.json").write_text('{"ledger": [{"hash": "x"}]}')
    assert WRONG[line] in asked(terminal, line, 1 if line == "ref 99" else 2)
