"""Replays that a person ordered: who, when, why, what was read again."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

import msgspec
from sqlalchemy import Connection, insert

from records import own_tables
from records.rows import iso


@dataclass(frozen=True, kw_only=True)
class Replay:
    """``places``: by partition the offset from which it is read again; ``texts``: how many would be sent."""

    topic: str
    places: Mapping[int, int]
    records: int
    texts: int
    actor: str
    reason: str
    at: datetime


def note(connection: Connection, replay: Replay) -> None:
    """Put a replay on record."""
    row = {**asdict(replay), "places": msgspec.json.encode(replay.places).decode(), "at": iso(replay.at)}
    connection.execute(insert(own_tables.replays).values(row))
