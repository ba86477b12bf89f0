"""The command that compares opt-outs says what differs and what to do."""

from typer.testing import CliRunner

from archive.process import keys_of
from cli.main import app
from records.engine import connect
from records.writes import write
from runtime.config import Config
from tests.records.differing import BOTH, REFUSED, TOLD, everything


def test_the_command_says_both_and_what_to_do(terminal: CliRunner, config: Config) -> None:
    engine = connect(config.records_url)
    assert terminal.invoke(app, ["drift"]).exit_code == 0
    with engine.begin() as connection:
        write(connection, everything(), keys_of(config))
    engine.dispose()
    done = terminal.invoke(app, ["drift"])
    assert done.exit_code == 1, done.output
    assert "2 of 3 phones of which both say something differ" in done.output
    for word in (TOLD, REFUSED, "a" * 32, "b" * 32, "text START", "reminders why", "reminders replay"):
        assert word in done.output
    assert BOTH not in done.output
