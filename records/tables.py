"""The SQL tables. Times are ISO 8601 in UTC, as text: sortable, and the same in every database."""

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, String, Table, Text

from records.columns import At, Id, Ref, metadata

offsets = Table(
    "offsets",
    metadata,
    Column("topic", Id, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("next_offset", BigInteger, nullable=False),
)
"""How far each topic partition is written; in the same transaction as its rows."""

texts = Table(
    "texts",
    metadata,
    Column("text_id", String(32), primary_key=True),
    Column("plan_version", BigInteger, primary_key=True),
    Column("phone_ref", Ref, nullable=False),
    Column("workspace_id", Id),
    Column("study_id", Id),
    Column("event_id", Id),
    Column("booking_id", Id),
    Column("kind", String(32), nullable=False),
    Column("wording", String(32), nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", Text),
    Column("due_at", At, nullable=False),
    Column("planned_at", At),
    Column("released_at", At),
    Column("not_after", At),
    Column("consent_id", Id),
    Column("ended_at", At),
    Column("lateness_s", Float),
    Column("attempt", Integer),
    Column("carrier_uuid", Id),
    Column("carrier_status", String(16)),
    Column("carrier_code", String(200)),
    Column("segments", Integer),
    Column("segments_billed", Integer),
    Column("is_test", Boolean, nullable=False),
    Index("texts_of_event", "workspace_id", "event_id"),
    Index("texts_of_booking", "booking_id"),
    Index("texts_of_event_id", "event_id"),
    Index("texts_of_phone", "phone_ref"),
    Index("texts_of_state", "state", "due_at"),
    Index("texts_of_time", "due_at"),
    Index("texts_of_workspace", "workspace_id", "due_at"),
)
"""One row for each version of a text: where it stands, folded from its steps."""

steps = Table(
    "steps",
    metadata,
    Column("step_id", String(200), primary_key=True),
    Column("text_id", String(32), nullable=False),
    Column("plan_version", BigInteger, nullable=False),
    Column("at", At, nullable=False),
    Column("what", String(32), nullable=False),
    Column("record", Text, nullable=False),
    Index("steps_of_text", "text_id", "at"),
)
"""Everything that happened to a text, as its records said it."""

bookings = Table(
    "bookings",
    metadata,
    Column("workspace_id", Id, primary_key=True),
    Column("booking_id", Id, primary_key=True),
    Column("revision", BigInteger, primary_key=True),
    Column("event_id", Id, nullable=False),
    Column("person_id", Id, nullable=False),
    Column("phone_ref", Ref),
    Column("starts_at", At, nullable=False),
    Column("received_at", At, nullable=False),
    Column("record", Text, nullable=False),
    Index("bookings_of_event", "workspace_id", "event_id", "received_at"),
    Index("bookings_of_id", "booking_id"),
    Index("bookings_of_event_id", "event_id"),
    Index("bookings_of_person", "workspace_id", "person_id"),
    Index("bookings_of_phone", "phone_ref"),
)
"""Each revision of a booking, as intake made it canonical."""

sign_ups = Table(
    "sign_ups",
    metadata,
    Column("sign_up_id", Id, primary_key=True),
    Column("workspace_id", Id, nullable=False),
    Column("event_id", Id, nullable=False),
    Column("person_id", Id, nullable=False),
    Column("phone_ref", Ref, nullable=False),
    Column("at", At, nullable=False),
    Column("record", Text, nullable=False),
    Index("sign_ups_of_event", "workspace_id", "event_id"),
    Index("sign_ups_of_phone", "phone_ref"),
)
"""Which phone a sign-up gave to an event; its evidence is with its consent, among ``consents``."""

consents = Table(
    "consents",
    metadata,
    Column("consent_id", Id, primary_key=True),
    Column("kind", String(8), nullable=False),
    Column("phone_ref", Ref, nullable=False),
    Column("workspace_id", Id),
    Column("person_id", Id),
    Column("event_id", Id),
    Column("at", At, nullable=False),
    Column("record", Text, nullable=False),
    Column("sealed", Text),
    Index("consents_of_phone", "phone_ref"),
    Index("consents_of_person", "workspace_id", "person_id"),
)
"""Consents given and ended. ``record`` lacks the evidence; ``sealed`` the whole, under its person's key."""

settings = Table(
    "settings",
    metadata,
    Column("workspace_id", Id, primary_key=True),
    Column("study_id", Id, primary_key=True),
    Column("name", String(32), primary_key=True),
    Column("revision", BigInteger, nullable=False),
    Column("value", Text, nullable=False),
    Column("at", At, nullable=False),
)
"""The latest revision of each setting; ``study_id`` is empty for a workspace's."""

notices = Table(
    "notices",
    metadata,
    Column("notice_id", Id, primary_key=True),
    Column("workspace_id", Id, nullable=False),
    Column("event_id", Id, nullable=False),
    Column("booking_id", Id),
    Column("person_id", Id),
    Column("text_id", String(32)),
    Column("kind", String(32), nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", At, nullable=False),
    Index("notices_of_event", "workspace_id", "event_id"),
    Index("notices_of_time", "at"),
)

ledger = Table(
    "ledger",
    metadata,
    Column("partition", Integer, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("hash", String(64), primary_key=True),
    Column("fact_id", Id, nullable=False),
    Column("phone_ref", Ref, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("at", At, nullable=False),
    Column("workspace_id", Id),
    Column("person_id", Id),
    Column("record", Text, nullable=False),
    Index("ledger_of_phone", "phone_ref"),
    Index("ledger_of_person", "workspace_id", "person_id"),
)
"""The consent ledger. Two different entries of one place both stay, for ``verify`` to find."""

manage_tokens = Table(
    "manage_tokens",
    metadata,
    Column("token", String(22), primary_key=True),
    Column("workspace_id", Id, nullable=False),
    Column("event_id", Id, nullable=False),
    Column("phone_ref", Ref, nullable=False),
    Column("phone", String(16), nullable=False),
    Index("manage_tokens_of_phone", "phone_ref"),
)
"""What the token of a manage link stands for."""

dead_letters = Table(
    "dead_letters",
    metadata,
    Column("letter_id", String(16), primary_key=True),
    Column("topic", Id, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", At, nullable=False),
    Column("record", Text, nullable=False),
    Index("dead_letters_of_time", "at"),
)
"""What could not be read. Webhooks have no place in a log: the id is of place and content."""
