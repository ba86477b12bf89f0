"""Settings, notices, the ledger, dead letters, and what people did."""

import sqlalchemy as sa
from alembic import op


def dead_letter_ends() -> None:
    """Make the table and its indexes."""
    op.create_table(
        "dead_letter_ends",
        sa.Column("letter_id", sa.String(length=16), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("letter_id"),
    )


def dead_letters() -> None:
    """Make the table and its indexes."""
    op.create_table(
        "dead_letters",
        sa.Column("letter_id", sa.String(length=16), nullable=False),
        sa.Column("topic", sa.String(length=128), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("letter_id"),
    )
    op.create_index("dead_letters_of_time", "dead_letters", ["at"], unique=False)


def erasures() -> None:
    """Make the table and its indexes."""
    op.create_table(
        "erasures",
        sa.Column("erasure_id", sa.String(length=128), nullable=False),
        sa.Column("scope", sa.String(length=260), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("erasure_id", "scope"),
    )
    op.create_index("erasures_of_scope", "erasures", ["scope"], unique=False)


def evidence_keys() -> None:
    """Make the table and its indexes."""
    op.create_table(
        "evidence_keys",
        sa.Column("person", sa.String(length=260), nullable=False),
        sa.Column("salt", sa.String(length=64), nullable=True),
        sa.Column("destroyed_at", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("person"),
    )


def ledger() -> None:
    """Make the table and its indexes."""
    op.create_table(
        "ledger",
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("fact_id", sa.String(length=128), nullable=False),
        sa.Column("phone_ref", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.Column("workspace_id", sa.String(length=128), nullable=True),
        sa.Column("person_id", sa.String(length=128), nullable=True),
        sa.Column("record", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("partition", "seq", "hash"),
    )
    op.create_index("ledger_of_person", "ledger", ["workspace_id", "person_id"], unique=False)
    op.create_index("ledger_of_phone", "ledger", ["phone_ref"], unique=False)


def notices() -> None:
    """Make the table and its indexes."""
    op.create_table(
        "notices",
        sa.Column("notice_id", sa.String(length=128), nullable=False),
        sa.Column("workspace_id", sa.String(length=128), nullable=False),
        sa.Column("event_id", sa.String(length=128), nullable=False),
        sa.Column("booking_id", sa.String(length=128), nullable=True),
        sa.Column("person_id", sa.String(length=128), nullable=True),
        sa.Column("text_id", sa.String(length=32), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("notice_id"),
    )
    op.create_index("notices_of_event", "notices", ["workspace_id", "event_id"], unique=False)
    op.create_index("notices_of_time", "notices", ["at"], unique=False)


def openings() -> None:
    """Make the table and its indexes."""
    op.create_table(
        "openings",
        sa.Column("opening_id", sa.String(length=128), nullable=False),
        sa.Column("person", sa.String(length=260), nullable=False),
        sa.Column("consent_id", sa.String(length=128), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("opening_id"),
    )
    op.create_index("openings_of_person", "openings", ["person", "at"], unique=False)


def settings() -> None:
    """Make the table and its indexes."""
    op.create_table(
        "settings",
        sa.Column("workspace_id", sa.String(length=128), nullable=False),
        sa.Column("study_id", sa.String(length=128), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "study_id", "name"),
    )
