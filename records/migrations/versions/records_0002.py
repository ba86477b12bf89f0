"""Find the texts and bookings of an event whose workspace is not named, as `reminders why` asks for them."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the indexes."""
    op.create_index("bookings_of_event_id", "bookings", ["event_id"])
    op.create_index("texts_of_event_id", "texts", ["event_id"])
