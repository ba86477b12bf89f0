"""The database: SQLite by default, PostgreSQL by URL; its tables are brought to their newest form."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config as Migrations
from sqlalchemy import Connection, Engine, create_engine, event, inspect, select
from sqlalchemy.engine import ExceptionContext, make_url

from records.migrations import HEAD, SCRIPTS, VERSION

ONE_AT_A_TIME = 5_021_147
"""The advisory lock (PostgreSQL) that who migrates holds; a number of our own."""

LOCKED_MAX_S = 30
"""How long a writer of SQLite waits for another one; a migration on a busy machine takes seconds."""
LOOK_S = 0.02


def connect(url: str) -> Engine:
    """An engine for the records, its tables made or migrated if they are not as this version needs them."""
    target = make_url(url)
    if target.get_backend_name() == "postgresql":
        target = target.set(drivername="postgresql+psycopg")
    if target.get_backend_name() == "sqlite" and target.database:
        Path(target.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(target, hide_parameters=True)  # errors are logged, and rows hold numbers
    event.listen(engine, "handle_error", _without_rows)
    if target.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _shared)
    migrate(engine)
    return engine


def migrate(engine: Engine) -> None:
    """Bring the tables to their newest form. Several may ask at once: one does it, the others wait."""
    with engine.connect() as connection:
        if _version(connection) == HEAD:
            return
    with _alone(engine) as connection:
        if _version(connection) != HEAD:
            settings = Migrations()
            settings.set_main_option("script_location", str(SCRIPTS))
            settings.attributes["connection"] = connection
            command.upgrade(settings, HEAD)


def empty_log(engine: Engine) -> bool:
    """Bring what is written into the database's own file and cut the log beside it; whether that was done.

    SQLite's log holds pages as they were before, numbers that were erased among them. PostgreSQL's ends by
    its own rules: see its ``wal_keep_size`` and archiving.
    """
    if engine.dialect.name != "sqlite":
        return True
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        return connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar() == 0


@contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    """A transaction that no other migration runs beside."""
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ONE_AT_A_TIME})")
            yield connection
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.exec_driver_sql("ROLLBACK")
            raise
        connection.exec_driver_sql("COMMIT")


def _version(connection: Connection) -> str | None:
    """The version of the tables; None if there are none."""
    if not inspect(connection).has_table(VERSION.name):
        return None
    return connection.execute(select(VERSION.c.version_num)).scalar()


def _without_rows(context: ExceptionContext) -> None:
    """Cut an error to its first line: PostgreSQL tells the row in those that follow."""
    for error in (context.original_exception, context.sqlalchemy_exception):
        if error is not None and error.args:
            error.args = (str(error.args[0]).partition("\n")[0],)


def _write_ahead(cursor: Any) -> None:
    """Switch to a write-ahead log. SQLite refuses this at once, without waiting, while another writes."""
    until = time.monotonic() + LOCKED_MAX_S
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(LOOK_S)
        else:
            return


def _shared(connection: Any, _: Any) -> None:
    """Let one process write while others read, and wait for locks."""
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={LOCKED_MAX_S * 1000}")
    _write_ahead(cursor)
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA secure_delete=ON")  # what is erased is gone from the file too
    cursor.close()
