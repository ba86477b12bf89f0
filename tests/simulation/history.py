"""What happened in a world, a line each, for people."""

from schemas.base import Message
from schemas.bookings import BookingState
from schemas.deliveries import Delivery, TextRef, Withdrawal
from schemas.delivery_events import DeliveryEvent


def brief(message: Message) -> str:
    """The fields of a message that tell its story."""
    name = type(message).__name__
    match message:
        case Delivery():
            return f"{name} {_text(message.text)}"
        case Withdrawal():
            return f"{name} {_text(message.text)} {message.reason}"
        case DeliveryEvent():
            return f"planned {_text(message)} due {message.due_at:%d %H:%M:%S}"
        case BookingState():
            b = message.booking
            what = f"{b.booking_id}@{b.revision} {b.status} {b.starts_at:%d %H:%M}"
            return f"{name} {what} to {message.phone_ref[:4]} v{message.version} {message.awaits_handover}"
        case _:
            return repr(message)[:180]


def _text(text: TextRef | DeliveryEvent) -> str:
    where = f"{text.event_id} {text.phone_ref[:4]}"
    return f"{text.wording} {where} {text.text_id[:5]} v{text.plan_version}"
