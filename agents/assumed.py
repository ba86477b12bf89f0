"""What a forecast takes for granted: switches, consents, the carrier's answers."""

from rules.ids import stable_id
from rules.policy import Policy
from schemas.bookings import BookingInput, BookingState, TextEnded
from schemas.consent import ConsentGiven, Evidence
from schemas.deliveries import Delivery
from schemas.phone_states import StartAsked
from schemas.settings import SettingCopy
from schemas.sms import StartConfirmed


def accepted(delivery: Delivery) -> TextEnded:
    """How the sender ends a text that the carrier takes at once."""
    text = delivery.text
    return TextEnded(
        phone_ref=text.phone_ref,
        workspace_id=text.workspace_id or "",
        event_id=text.event_id or "",
        text_id=text.text_id,
        plan_version=text.plan_version,
        end="accepted",
        counted_ids=[f"{text.text_id}#1"] if delivery.counts_to_cap else [],
        at=delivery.released_at,
    )


def confirmed(asked: StartAsked) -> StartConfirmed:
    """The START that was asked about is in the carrier's list, after the STOP."""
    return StartConfirmed(
        phone=asked.phone,
        phone_ref=asked.phone_ref,
        inbound_uuid=asked.inbound_uuid,
        received_at=asked.received_at,
        newer=True,
    )


def switched_on(booking: BookingInput) -> SettingCopy:
    """The workspace texts, by a setting that any real one outweighs."""
    return SettingCopy(
        partition=0,
        workspace_id=booking.workspace_id,
        study_id=None,
        name="sms_enabled",
        value=True,
        revision=0,
        actor="assumed",
        reason=None,
        at=booking.received_at,
    )


def agreed(state: BookingState, policy: Policy) -> ConsentGiven:
    """Whoever has the phone of a booking consented to its texts when it was received."""
    booking = state.booking
    name = stable_id(
        policy.reference_key, "assumed", booking.workspace_id, booking.person_id, booking.event_id
    )
    return ConsentGiven(
        consent_id=name,
        phone=state.phone,
        phone_ref=state.phone_ref,
        workspace_id=booking.workspace_id,
        person_id=booking.person_id,
        event_id=booking.event_id,
        source="upstream",
        evidence=Evidence(
            disclosure_version="assumed",
            disclosure_sha256="",
            disclosure_text="",
            act="upstream",
            phone_typed=state.phone,
        ),
        actor=None,
        reason=None,
        at=booking.received_at,
        received_at=booking.received_at,
    )
