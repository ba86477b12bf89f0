"""The tables are what the code says, however many processes make them at once."""

import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from records.engine import connect
from records.migrations import HEAD, SCRIPTS
from records.own_tables import metadata


def test_the_scripts_make_the_tables_that_the_code_knows(engine: Engine) -> None:
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_the_newest_script_is_the_head() -> None:
    settings = Config()
    settings.set_main_option("script_location", str(SCRIPTS))
    assert ScriptDirectory.from_config(settings).get_heads() == [HEAD]


def test_many_processes_may_start_at_once(url: Callable[[], str]) -> None:
    target = url()
    with ThreadPoolExecutor(6) as pool:
        engines = list(pool.map(lambda _: connect(target), range(6)))
    with engines[0].connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    for engine in engines:
        engine.dispose()


def test_a_new_file_that_somebody_writes_to_is_waited_for(tmp_path: Path) -> None:
    """SQLite does not wait by itself when a file becomes one with a write-ahead log."""
    file = tmp_path / "records.sqlite"
    other = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    begun = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        connected = pool.submit(_connect, file, begun)
        begun.wait()
        assert not _done_within(connected, 0.5)
        other.execute("COMMIT")
        connected.result(timeout=30)
    other.close()


def _connect(file: Path, begun: threading.Event) -> None:
    begun.set()
    connect(f"sqlite:///{file}").dispose()


def _done_within(future: Future[None], timeout_s: float) -> bool:
    done, _ = wait([future], timeout=timeout_s)
    return bool(done)
