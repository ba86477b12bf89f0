"""The records as they begin."""

from records.migrations.beginning import of_people, of_record, of_texts

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make all tables."""
    of_people.bookings()
    of_people.consents()
    of_record.dead_letter_ends()
    of_record.dead_letters()
    of_record.erasures()
    of_record.evidence_keys()
    of_people.inbound()
    of_record.ledger()
    of_people.manage_tokens()
    of_record.notices()
    of_texts.offsets()
    of_record.openings()
    of_record.settings()
    of_people.sign_ups()
    of_texts.steps()
    of_texts.texts()
