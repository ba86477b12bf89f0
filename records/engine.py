"""The database: SQLite by default, PostgreSQL by URL."""

from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url

from records.tables import metadata


def connect(url: str) -> Engine:
    """An engine for the records, its tables made if they are not there."""
    target = make_url(url)
    if target.get_backend_name() == "sqlite" and target.database:
        Path(target.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(target, hide_parameters=True)  # errors are logged, and rows hold numbers
    if target.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _shared)
    metadata.create_all(engine)
    return engine


def _shared(connection: Any, _: Any) -> None:
    """Let one process write while others read, and wait for locks."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA busy_timeout=5000")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()
