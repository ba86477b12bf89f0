"""`reminders records rebuild`: only how far the topics are written is forgotten, and only if told to."""

from typer.testing import CliRunner

from cli.main import app
from records.engine import connect
from records.queries import next_offsets
from records.writes import note_offset, write
from runtime.config import Config
from tests.records.desk import KEYS, delivery, dump


def test_offsets_go_and_rows_stay(terminal: CliRunner, config: Config) -> None:
    engine = connect(config.records_url)
    with engine.begin() as connection:
        note_offset(connection, "notices", 1, None, 5)
        write(connection, [delivery()], KEYS)
    refused = terminal.invoke(app, ["records", "rebuild"], input="n\n")
    with engine.connect() as connection:
        before = dump(connection)
    assert (refused.exit_code, len(before["offsets"])) == (1, 1)

    done = terminal.invoke(app, ["records", "rebuild", "--yes"])
    assert (done.exit_code, "1 partitions will be read again" in done.output) == (0, True)
    with engine.connect() as connection:
        assert next_offsets(connection) == {}
        assert dump(connection) == {**before, "offsets": []}
    engine.dispose()
