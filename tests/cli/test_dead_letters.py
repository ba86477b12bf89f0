"""Dead letters: listed, shown, sent again or put aside; once, with who and why."""

from asyncio import to_thread, wait_for
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer
from msgspec.structs import replace
from typer.testing import CliRunner

from archive.process import keys_of
from cli.main import app
from records.dead_letters import letters, open_count
from records.engine import connect
from records.writes import write
from runtime import topics_admin
from runtime.config import Config
from schemas.dead_letters import DeadLetter
from schemas.samples import samples

LETTER = samples("dead-letters")["dead-letter"]
PAYLOAD = b'{"type": "booking", "starts_at": "soon"}'


def _kept(config: Config, **changes: object) -> str:
    """A dead letter on record; returns its id."""
    fields = {"topic": "booking-events", "payload": PAYLOAD, "size_bytes": len(PAYLOAD), "key": b"w1/b1"}
    letter = replace(LETTER, **{**fields, **changes})
    assert isinstance(letter, DeadLetter)
    engine = connect(config.records_url)
    with engine.begin() as connection:
        write(connection, [letter], keys_of(config))
        found = letters(connection, settled=True)
    engine.dispose()
    return next(one.letter_id for one in found if one.letter == letter)


def _run(terminal: CliRunner, *words: str, exit_code: int = 0) -> str:
    done = terminal.invoke(app, ["dead-letters", *words])
    assert done.exit_code == exit_code, done.output
    return done.output


def test_the_list_and_one_of_them(terminal: CliRunner, config: Config) -> None:
    name = _kept(config)
    told = _run(terminal, "list", exit_code=1)
    assert name in told
    assert "booking-events/" in told
    assert "soon" not in told, "what it holds is shown on demand only"
    assert '"starts_at": "soon"' in _run(terminal, "show", name)


def test_put_aside_once_with_who_and_why(terminal: CliRunner, config: Config) -> None:
    name = _kept(config)
    assert "Discarded" in _run(terminal, "discard", name, "--reason", "a test of upstream")
    assert "already: nothing is done again" in _run(terminal, "discard", name, "--reason", "again")
    assert "No dead letter is open" in _run(terminal, "list")
    assert "a test of upstream" in _run(terminal, "show", name)
    _kept(config)  # read again from the topic: it stays settled
    engine = connect(config.records_url)
    with engine.connect() as connection:
        assert open_count(connection) == 0
    engine.dispose()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"topic": "webhook inbound"}, "is no topic"),
        ({"size_bytes": 70_000}, "Only its first 64 KiB"),
    ],
)
def test_what_cannot_be_sent_again_stays_open(
    terminal: CliRunner, config: Config, changes: dict[str, object], told: str
) -> None:
    name = _kept(config, **changes)
    assert told in _run(terminal, "redrive", name, "--reason", "try", exit_code=2)
    assert name in _run(terminal, "list", exit_code=1)


def test_two_webhooks_that_cannot_be_read_are_two_letters(terminal: CliRunner, config: Config) -> None:
    for body in (b"one", b"two"):
        _kept(config, topic="webhook inbound", partition=0, offset=0, payload=body, sha256=body.hex())
    assert _run(terminal, "list", exit_code=1).count("webhook inbound") == 2


def test_without_kafka_it_stays_open(
    terminal: CliRunner, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1")
    name = _kept(config)
    assert "still open" in _run(terminal, "redrive", name, "--reason", "mended", exit_code=2)
    assert name in _run(terminal, "list", exit_code=1)


@pytest.mark.servers
async def test_sent_again_as_it_came_and_once(
    kafka: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env = {"KAFKA_BOOTSTRAP_SERVERS": kafka, "RECORDS_URL": f"sqlite:///{tmp_path / 'r.sqlite'}"}
    for name, value in {**env, "PARTITIONS": "4", "APP_ID": "letters"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    config = Config.from_env()
    await topics_admin.ensure(config)
    await topics_admin.require(config)
    name = _kept(config)
    terminal = CliRunner()
    words = ("redrive", name, "--reason", "mended")
    assert "Sent again" in await to_thread(_run, terminal, *words)
    assert "nothing is done again" in await to_thread(_run, terminal, *words)
    consumer = AIOKafkaConsumer("booking-events", bootstrap_servers=kafka, auto_offset_reset="earliest")
    await consumer.start()
    try:
        found = [await wait_for(consumer.getone(), 30)]
        found += [r for records in (await consumer.getmany(timeout_ms=1000)).values() for r in records]
    finally:
        await consumer.stop()
    assert [(r.key, r.value) for r in found if r.value == PAYLOAD] == [(b"w1/b1", PAYLOAD)]
