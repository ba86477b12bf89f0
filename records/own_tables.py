"""What people did and no topic tells: keys, openings, erasures, ends of dead letters; never rebuilt."""

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text

from records.tables import At, Id, Ref, metadata

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
    Column("phone_ref", Ref, primary_key=True),
    Column("actor", String(200), nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", At, nullable=False),
    Column("rows", Integer, nullable=False),
    Index("erasures_of_phone", "phone_ref"),
)
"""Phones whose personal data was erased: what is older than ``at`` is not written again."""

dead_letter_ends = Table(
    "dead_letter_ends",
    metadata,
    Column("topic", Id, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("offset", BigInteger, primary_key=True),
    Column("action", String(16), nullable=False),
    Column("actor", String(200), nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", At, nullable=False),
)
"""What a person did about a dead letter: redriven or discarded, once."""
