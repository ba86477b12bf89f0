"""What people did and no topic tells: keys, openings, erasures, ends of dead letters; never rebuilt."""

from sqlalchemy import Column, Index, Integer, String, Table, Text

from records.columns import At, Id, metadata

evidence_keys = Table(
    "evidence_keys",
    metadata,
    Column("person", String(260), primary_key=True),
    Column("salt", String(64)),
    Column("destroyed_at", At),
)
"""What, with the evidence secret, opens the evidence of a person (``workspace/person``).

A salt that is gone stays gone: its row keeps a rebuild from making a new one.
"""

openings = Table(
    "openings",
    metadata,
    Column("opening_id", Id, primary_key=True),
    Column("person", String(260), nullable=False),
    Column("consent_id", Id, nullable=False),
    Column("actor", String(200), nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", At, nullable=False),
    Index("openings_of_person", "person", "at"),
)
"""Who opened which evidence, when and why."""

erasures = Table(
    "erasures",
    metadata,
    Column("erasure_id", Id, primary_key=True),
    Column("scope", String(260), primary_key=True),
    Column("actor", String(200), nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", At, nullable=False),
    Column("rows", Integer, nullable=False),
    Index("erasures_of_scope", "scope"),
)
"""Phones, and events (``workspace/event``), that were erased: what is older is let go of again."""

dead_letter_ends = Table(
    "dead_letter_ends",
    metadata,
    Column("letter_id", String(16), primary_key=True),
    Column("action", String(16), nullable=False),
    Column("actor", String(200), nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", At, nullable=False),
)
"""What a person did about a dead letter: redriven or discarded, once."""
