"""Texts that wait: told to look again when what they wait for may have come."""

from collections.abc import Iterator

from schemas.bookings import DueText
from schemas.reasons import Waiting
from schemas.rows import PhoneRow


def waiting_texts(phone_ref: str, row: PhoneRow | None, *reasons: Waiting) -> Iterator[DueText]:
    """A ``DueText`` for each text of the phone that waits for one of these."""
    for event in row.events.values() if row else ():
        for text in event.texts.values():
            if text.state == "waiting" and text.waits_for in reasons:
                yield DueText(
                    phone_ref=phone_ref,
                    workspace_id=event.booking.workspace_id,
                    event_id=event.booking.event_id,
                    text_id=text.text_id,
                )
