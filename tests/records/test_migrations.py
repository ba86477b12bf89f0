"""The tables are what the code says, however many processes make them at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

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
