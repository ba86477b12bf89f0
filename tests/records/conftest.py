"""One suite for both databases: SQLite in a file, and PostgreSQL of our own on loopback."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from records.engine import connect
from tests.records.postgres import Postgres

NewEngine = Callable[[], Engine]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """Gives the URL of an empty database at each call."""
    made: list[str] = []

    def new() -> str:
        if request.param == "postgresql":
            server: Postgres = request.getfixturevalue("postgres")
            made.append(server.new_database())
        else:
            made.append(f"sqlite:///{tmp_path / f'records-{len(made)}.sqlite'}")
        return made[-1]

    return new


@pytest.fixture
def new_engine(url: Callable[[], str]) -> Iterator[NewEngine]:
    """Gives an engine with fresh records at each call."""
    engines: list[Engine] = []

    def new() -> Engine:
        engines.append(connect(url()))
        return engines[-1]

    yield new
    for engine in engines:
        engine.dispose()


@pytest.fixture
def engine(new_engine: NewEngine) -> Engine:
    """Fresh records."""
    return new_engine()
