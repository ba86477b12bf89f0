"""What became of texts, and how far topics are written."""

import sqlalchemy as sa
from alembic import op


def offsets() -> None:
    """Make the table and its indexes."""
    op.create_table(
        "offsets",
        sa.Column("topic", sa.String(length=128), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("next_offset", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("topic", "partition"),
    )


def steps() -> None:
    """Make the table and its indexes."""
    op.create_table(
        "steps",
        sa.Column("step_id", sa.String(length=200), nullable=False),
        sa.Column("text_id", sa.String(length=32), nullable=False),
        sa.Column("plan_version", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.Column("what", sa.String(length=32), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("step_id"),
    )
    op.create_index("steps_of_text", "steps", ["text_id", "at"], unique=False)


def texts() -> None:
    """Make the table and its indexes."""
    op.create_table(
        "texts",
        sa.Column("text_id", sa.String(length=32), nullable=False),
        sa.Column("plan_version", sa.BigInteger(), nullable=False),
        sa.Column("phone_ref", sa.String(length=32), nullable=False),
        sa.Column("workspace_id", sa.String(length=128), nullable=True),
        sa.Column("study_id", sa.String(length=128), nullable=True),
        sa.Column("event_id", sa.String(length=128), nullable=True),
        sa.Column("booking_id", sa.String(length=128), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("wording", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("due_at", sa.String(length=40), nullable=False),
        sa.Column("planned_at", sa.String(length=40), nullable=True),
        sa.Column("released_at", sa.String(length=40), nullable=True),
        sa.Column("not_after", sa.String(length=40), nullable=True),
        sa.Column("consent_id", sa.String(length=128), nullable=True),
        sa.Column("ended_at", sa.String(length=40), nullable=True),
        sa.Column("lateness_s", sa.Float(), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=True),
        sa.Column("carrier_uuid", sa.String(length=128), nullable=True),
        sa.Column("carrier_status", sa.String(length=16), nullable=True),
        sa.Column("carrier_code", sa.String(length=200), nullable=True),
        sa.Column("segments", sa.Integer(), nullable=True),
        sa.Column("segments_billed", sa.Integer(), nullable=True),
        sa.Column("is_test", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("text_id", "plan_version"),
    )
    op.create_index("texts_of_booking", "texts", ["booking_id"], unique=False)
    op.create_index("texts_of_event", "texts", ["workspace_id", "event_id"], unique=False)
    op.create_index("texts_of_phone", "texts", ["phone_ref"], unique=False)
    op.create_index("texts_of_state", "texts", ["state", "due_at"], unique=False)
    op.create_index("texts_of_time", "texts", ["due_at"], unique=False)
    op.create_index("texts_of_workspace", "texts", ["workspace_id", "due_at"], unique=False)
