"""Booking inputs and the phones of sign-ups in; the state of each event out, to the row of its phone."""

from msgspec.structs import replace

from agents.erase import erase_event
from agents.moment import Moment
from agents.tables import Tables
from rules.ids import phone_ref, stable_id
from rules.match import news, with_asked, with_booking, with_sign_up
from rules.policy import Policy
from schemas.base import Message
from schemas.bookings import BookingInput, BookingState, DayOf, DayOfAsked, Left
from schemas.erasure import EraseEvent
from schemas.notices import Notice
from schemas.rows import EventPhones
from schemas.sign_ups import PhoneGiven


def match(
    event: BookingInput | PhoneGiven | DayOfAsked | EraseEvent, tables: Tables, moment: Moment
) -> list[Message]:
    """A booking input changes the event, and where its phone is known, the row of that phone.

    A sign-up gives the event its phone, unless the booking has one of its own.
    """
    match event:
        case PhoneGiven():
            return _phone(event, tables, moment)
        case DayOfAsked():
            return _asked(event, tables, moment)
        case EraseEvent():
            return erase_event(event, tables, moment)
        case _:
            return _booking(event, tables, moment)


def _booking(new: BookingInput, tables: Tables, moment: Moment) -> list[Message]:
    key = f"{new.workspace_id}/{new.event_id}"
    before = tables.event_phones.get(key) or EventPhones()
    after = with_booking(before, new)
    if after is None:
        return []
    booking = after.booking
    if booking is None or after.version == before.version:
        tables.event_phones[key] = after
        return []
    tables.event_phones[key] = _with_row(after)
    messages = _tell(before, after, booking, news(before, booking), moment.policy)
    return messages + _notices(before, after, booking, moment.policy)


def _phone(given: PhoneGiven, tables: Tables, moment: Moment) -> list[Message]:
    key = f"{given.workspace_id}/{given.event_id}"
    before = tables.event_phones.get(key) or EventPhones()
    after = with_sign_up(before, given)
    if after is None:
        return []
    if after.booking is None or after.phone == before.phone:
        tables.event_phones[key] = after
        return []
    tables.event_phones[key] = _with_row(after)
    return _tell(before, after, after.booking, None, moment.policy)


def _asked(asked: DayOfAsked, tables: Tables, moment: Moment) -> list[Message]:
    key = f"{asked.workspace_id}/{asked.event_id}"
    before = tables.event_phones.get(key) or EventPhones()
    after = with_asked(before)
    if after is None or after.booking is None:
        return []
    tables.event_phones[key] = after
    news = DayOf(kind=asked.kind)
    told = _tell(before, after, after.booking, news, moment.policy)
    return [
        replace(one, asked_id=asked.asked_id, asked_at=asked.at) if isinstance(one, BookingState) else one
        for one in told
    ]


def _with_row(row: EventPhones) -> EventPhones:
    return row if row.phone is None else replace(row, row_phone=row.phone)


def _tell(
    before: EventPhones, after: EventPhones, booking: BookingInput, notice: DayOf | None, policy: Policy
) -> list[Message]:
    """Say goodbye to the row of the old phone, and the state to the row of the new one."""
    messages: list[Message] = []
    changed = before.row_phone is not None and before.row_phone != after.phone
    to_ref = after.phone and phone_ref(policy.reference_key, after.phone)
    if changed and before.row_phone is not None:
        messages.append(
            Left(
                phone_ref=phone_ref(policy.reference_key, before.row_phone),
                workspace_id=booking.workspace_id,
                event_id=booking.event_id,
                version=after.version,
                to=after.phone,
                to_ref=to_ref,
            )
        )
    if after.phone is not None and to_ref is not None:
        messages.append(
            BookingState(
                phone=after.phone,
                phone_ref=to_ref,
                version=after.version,
                awaits_handover=changed,
                news=notice,
                booking=booking,
            )
        )
    return messages


def _notices(before: EventPhones, after: EventPhones, booking: BookingInput, policy: Policy) -> list[Message]:
    kinds: list[tuple[str, str, str]] = []
    if booking.phone_error:
        kinds.append(("phone_invalid", booking.phone_error, str(booking.revision)))
    elif before.booking is None and after.phone is None and booking.status == "booked":
        kinds.append(("waiting_for_phone", "the booking has no phone and no sign-up gave one", ""))
    if booking.zone_error:
        kinds.append(("zone_invalid", booking.zone_error, str(booking.revision)))
    return [_notice(kind, reason, basis, booking, policy) for kind, reason, basis in kinds]


def _notice(kind: str, reason: str, basis: str, booking: BookingInput, policy: Policy) -> Notice:
    return Notice(
        notice_id=stable_id(
            policy.reference_key, kind, booking.workspace_id, booking.event_id, booking.booking_id, basis
        ),
        kind=kind,  # type: ignore[arg-type]  # from the closed list above
        workspace_id=booking.workspace_id,
        booking_id=booking.booking_id,
        event_id=booking.event_id,
        person_id=booking.person_id,
        text_id=None,
        reason=reason,
        at=booking.received_at,
    )
