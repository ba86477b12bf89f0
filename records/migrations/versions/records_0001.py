"""The records as they begin."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make all tables."""
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
    op.create_table(
        "dead_letter_ends",
        sa.Column("letter_id", sa.String(length=16), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("letter_id"),
    )
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
    op.create_table(
        "evidence_keys",
        sa.Column("person", sa.String(length=260), nullable=False),
        sa.Column("salt", sa.String(length=64), nullable=True),
        sa.Column("destroyed_at", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("person"),
    )
    op.create_table(
        "inbound",
        sa.Column("inbound_uuid", sa.String(length=128), nullable=False),
        sa.Column("phone_ref", sa.String(length=32), nullable=False),
        sa.Column("received_at", sa.String(length=40), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("inbound_uuid"),
    )
    op.create_index("inbound_of_phone", "inbound", ["phone_ref"], unique=False)
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
    op.create_table(
        "offsets",
        sa.Column("topic", sa.String(length=128), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("next_offset", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("topic", "partition"),
    )
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
