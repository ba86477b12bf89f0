"""Who has read and seen to a reply."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "handled_replies",
        sa.Column("inbound_uuid", sa.String(length=128), nullable=False),
        sa.Column("workspace_id", sa.String(length=128), nullable=False),
        sa.Column("phone_ref", sa.String(length=32), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("inbound_uuid", "workspace_id"),
    )
    op.create_index("handled_replies_of_phone", "handled_replies", ["phone_ref"])
