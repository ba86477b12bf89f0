"""Which phone an event has: booking and sign-up meet in either order, phones and bookings change."""

from msgspec.structs import replace

from schemas.bookings import BookingInput, SignUp
from schemas.rows import EventPhones


def with_booking(row: EventPhones, new: BookingInput) -> EventPhones | None:
    """The row after a booking input; None if that changes nothing (repeat, late, or of a closed booking)."""
    known = row.booking
    if new.booking_id in row.closed:
        return None
    if known is not None and known.booking_id == new.booking_id and new.revision <= known.revision:
        return None
    replaced = {new.replaces_booking_id, known.booking_id if known else None} - {None, new.booking_id}
    row = replace(
        row,
        version=max(row.version + 1, new.revision),
        booking=new,
        closed=row.closed + tuple(sorted(b for b in replaced if b and b not in row.closed)),
    )
    return _with_phone_of(row, new)


def _with_phone_of(row: EventPhones, new: BookingInput) -> EventPhones:
    """The booking's own phone, else that of the latest sign-up; an absent phone never erases one."""
    if new.phone is not None:
        return replace(row, phone=new.phone, own_phone=True)
    if (
        new.phone_error is not None
    ):  # it changed to something unreadable: neither the old one nor the sign-up's
        return replace(row, phone=None, own_phone=False, sign_up_phone=None)
    if row.own_phone or row.sign_up_phone is None:
        return row
    return replace(row, phone=row.sign_up_phone)


def with_sign_up(row: EventPhones, sign_up: SignUp) -> EventPhones | None:
    """The row after a sign-up; None if a later one is known or it came before."""
    if row.sign_up_at is not None and (sign_up.at, sign_up.sign_up_id) <= (row.sign_up_at, row.sign_up_id):
        return None
    row = replace(row, sign_up_id=sign_up.sign_up_id, sign_up_phone=sign_up.phone, sign_up_at=sign_up.at)
    if row.own_phone or row.phone == sign_up.phone:
        return row
    moved = row.booking is not None
    return replace(row, phone=sign_up.phone, version=row.version + 1 if moved else row.version)
