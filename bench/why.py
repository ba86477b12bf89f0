"""`reminders why` over many texts: ``python -m bench.why [texts]`` (a million), on SQLite and on PostgreSQL.

The records are filled with copies of one life (booking, consent, plan, delivery, end, reports), each with
ids of its own. Then texts and bookings taken at random are explained, each in a new transaction.
"""

import random
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Table, select

from bench import results
from cli.why import Explainer
from records import own_tables
from records.engine import connect
from records.seals import Keys
from records.writes import write
from runtime.config import Config
from tests.makers import a_booking, a_consent
from tests.records.desk import delivery, event
from tests.records.postgres import HOW_TO_GET_IT, Postgres

NUMBER, LETTERS, HEX = "00000000", "aaaaaaaa", "eeeeeeee"
"""What differs from copy to copy: the number in ids, letters of a text id, digits of a reference."""
TEXT, REF, EVENT = "t" * 24 + LETTERS, "f" * 24 + HEX, f"event-{NUMBER}"
ALPHABET = "abcdefghijklmnop"
AT_ONCE = 2_000
ASKED = 300
Rows = list[tuple[Table, dict[str, Any]]]


def template(keys: Keys) -> Rows:
    """The rows of one life."""
    named = {"text_id": TEXT, "phone_ref": REF, "workspace_id": "w1", "event_id": EVENT, "booking_id": EVENT}
    consent = f"consent-{NUMBER}"
    life = [
        a_booking(booking_id=EVENT, event_id=EVENT),
        a_consent(phone_ref=REF, event_id=EVENT, consent_id=consent),
        event("planned", **named),
        delivery(consent_id=consent, **named),
        *(event(state, n, **named) for n, state in enumerate(("accepted", "sent", "delivered"), start=2)),
    ]
    engine = connect("sqlite://")
    with engine.begin() as connection:
        write(connection, life, keys)
        tables = [t for t in own_tables.metadata.sorted_tables if t is not own_tables.evidence_keys]
        rows = [(t, dict(row)) for t in tables for row in connection.execute(select(t)).mappings()]
    engine.dispose()
    return rows


def copy(row: dict[str, Any], keys: list[str], n: int) -> dict[str, Any]:
    """The row with ids of its own; a key that holds none of them, a hash, is made another."""
    letters = "".join(ALPHABET[int(digit, 16)] for digit in f"{n:08x}")
    new = {
        name: value.replace(NUMBER, f"{n:08d}").replace(LETTERS, letters).replace(HEX, f"{n:08x}")
        if isinstance(value, str)
        else value
        for name, value in row.items()
    }
    if n and all(new[name] == row[name] for name in keys):
        new[keys[0]] = f"{n:08d}{row[keys[0]][8:]}"
    return new


def fill(engine: Engine, rows: Rows, texts: int) -> None:
    """Write so many lives."""
    for start in range(0, texts, AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, texts))
        with engine.begin() as connection:
            for table, row in rows:
                keys = [column.name for column in table.primary_key]
                connection.execute(table.insert(), [copy(row, keys, n) for n in numbers])
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")


def asked(engine: Engine, config: Config, names: list[str]) -> list[float]:
    """Milliseconds for each name, sorted."""
    took_ms = []
    for name in names:
        began = time.perf_counter()
        with engine.connect() as connection:
            lines = list(Explainer(connection, config.policy(), datetime.now(UTC)).explain(name, None))
        took_ms.append((time.perf_counter() - began) * 1000)
        if len(lines) < 5:
            raise RuntimeError(f"{name} is not explained: {lines}")
    return sorted(took_ms)


def measure(name: str, url: str, texts: int) -> dict[str, Any]:
    """Fill, ask, tell."""
    config = Config(records_url=url)
    rows = template(Keys(link=b"link", reference=config.reference_secret.encode(), evidence=b"evidence"))
    engine = connect(url)
    fill(engine, rows, texts)
    chance, found = random.Random(1), {}
    for kind, key in (("text", "text_id"), ("booking", "booking_id")):
        of = next(row for table, row in rows if table.name == "texts")
        names = [copy(of, ["text_id"], chance.randrange(texts))[key] for _ in range(ASKED)]
        took_ms = asked(engine, config, names)
        figures = {"p50": took_ms[ASKED // 2], "p99": took_ms[ASKED * 99 // 100], "most": took_ms[-1]}
        found[kind] = {one: round(figure, 2) for one, figure in figures.items()}
        said = ", ".join(f"{one} {figure:.1f} ms" for one, figure in figures.items())
        sys.stdout.write(f"why, {texts:,} texts, {name}: a {kind} is explained within {said}\n")
    engine.dispose()
    return found


def urls(folder: Path, server: Postgres) -> Iterator[tuple[str, str]]:
    """Both databases, each empty; without PostgreSQL's package only SQLite, and says so."""
    yield "SQLite", f"sqlite:///{folder / 'records.sqlite'}"
    try:
        server.start()
    except RuntimeError as error:
        if str(error) != HOW_TO_GET_IT:
            raise
        sys.stdout.write(f"{HOW_TO_GET_IT}\n")
        return
    yield "PostgreSQL", server.new_database()


def main(texts: int) -> None:
    """Both databases one after the other."""
    with tempfile.TemporaryDirectory() as folder:
        server = Postgres(Path(folder))
        try:
            found = {name: measure(name, url, texts) for name, url in urls(Path(folder), server)}
        finally:
            server.stop()
    results.keep("why", {"texts": texts, "ms": found})


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
