"""Bookings, and what participants gave and said."""

import sqlalchemy as sa
from alembic import op


def bookings() -> None:
    """Make the table and its indexes."""
    op.create_table(
        "bookings",
        sa.Column("workspace_id", sa.String(length=128), nullable=False),
        sa.Column("booking_id", sa.String(length=128), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.String(length=128), nullable=False),
        sa.Column("person_id", sa.String(length=128), nullable=False),
        sa.Column("phone_ref", sa.String(length=32), nullable=True),
        sa.Column("starts_at", sa.String(length=40), nullable=False),
        sa.Column("received_at", sa.String(length=40), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "booking_id", "revision"),
    )
    op.create_index(
        "bookings_of_event", "bookings", ["workspace_id", "event_id", "received_at"], unique=False
    )
    op.create_index("bookings_of_id", "bookings", ["booking_id"], unique=False)
    op.create_index("bookings_of_person", "bookings", ["workspace_id", "person_id"], unique=False)
    op.create_index("bookings_of_phone", "bookings", ["phone_ref"], unique=False)


def consents() -> None:
    """Make the table and its indexes."""
    op.create_table(
        "consents",
        sa.Column("consent_id", sa.String(length=128), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("phone_ref", sa.String(length=32), nullable=False),
        sa.Column("workspace_id", sa.String(length=128), nullable=True),
        sa.Column("person_id", sa.String(length=128), nullable=True),
        sa.Column("event_id", sa.String(length=128), nullable=True),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("consent_id"),
    )
    op.create_index("consents_of_person", "consents", ["workspace_id", "person_id"], unique=False)
    op.create_index("consents_of_phone", "consents", ["phone_ref"], unique=False)


def inbound() -> None:
    """Make the table and its indexes."""
    op.create_table(
        "inbound",
        sa.Column("inbound_uuid", sa.String(length=128), nullable=False),
        sa.Column("phone_ref", sa.String(length=32), nullable=False),
        sa.Column("received_at", sa.String(length=40), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("inbound_uuid"),
    )
    op.create_index("inbound_of_phone", "inbound", ["phone_ref"], unique=False)


def manage_tokens() -> None:
    """Make the table and its indexes."""
    op.create_table(
        "manage_tokens",
        sa.Column("token", sa.String(length=22), nullable=False),
        sa.Column("workspace_id", sa.String(length=128), nullable=False),
        sa.Column("event_id", sa.String(length=128), nullable=False),
        sa.Column("phone_ref", sa.String(length=32), nullable=False),
        sa.Column("phone", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("token"),
    )
    op.create_index("manage_tokens_of_phone", "manage_tokens", ["phone_ref"], unique=False)


def sign_ups() -> None:
    """Make the table and its indexes."""
    op.create_table(
        "sign_ups",
        sa.Column("sign_up_id", sa.String(length=128), nullable=False),
        sa.Column("workspace_id", sa.String(length=128), nullable=False),
        sa.Column("event_id", sa.String(length=128), nullable=False),
        sa.Column("person_id", sa.String(length=128), nullable=False),
        sa.Column("phone_ref", sa.String(length=32), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sign_up_id"),
    )
    op.create_index("sign_ups_of_event", "sign_ups", ["workspace_id", "event_id"], unique=False)
    op.create_index("sign_ups_of_phone", "sign_ups", ["phone_ref"], unique=False)
