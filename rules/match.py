"""Which booking and phone an event has: bookings and sign-ups meet in any order, both are replaced."""

from msgspec.structs import replace

from schemas.bookings import BookingInput, DayOf, SignUp
from schemas.rows import EventPhones

CLOSED_KEPT = 100


def with_booking(row: EventPhones, new: BookingInput) -> EventPhones | None:
    """The row after a booking input; None if that changes nothing (repeat, late, or of a closed booking).

    ``version`` grows if the event changed. A record that only says what it replaces, or that waits as a
    rival, changes the row and no version.
    """
    if _is_late(row, new):
        return None
    after = _closing(row, new.replaces_booking_id, new.booking_id)
    if new.booking_id in row.closed:
        return _healed(row, after)
    if not _takes_over(row, new):
        return _beside(after, new)
    if row.booking is not None:
        after = _closing(after, row.booking.booking_id, new.booking_id)
    return _standing(_changed(after, new))


def _is_late(row: EventPhones, new: BookingInput) -> bool:
    return any(
        known is not None and known.booking_id == new.booking_id and new.revision <= known.revision
        for known in (row.booking, row.rival)
    )


def _closing(row: EventPhones, replaced: str | None, by: str) -> EventPhones:
    """The row that knows this booking to be replaced."""
    if replaced is None or replaced == by or replaced in row.closed:
        return row
    rival = None if row.rival is not None and row.rival.booking_id == replaced else row.rival
    return replace(row, closed=(*row.closed, replaced)[-CLOSED_KEPT:], rival=rival)


def _healed(row: EventPhones, after: EventPhones) -> EventPhones | None:
    """A link of the chain came late. If it replaces the event's booking, that was a ghost: nothing stands."""
    if after == row:
        return None
    known = after.booking
    if known is None or known.booking_id not in after.closed or known.status == "cancelled":
        return after
    return _changed(after, replace(known, status="cancelled", revision=known.revision, phone=None))


def _takes_over(row: EventPhones, new: BookingInput) -> bool:
    """Whether this booking is now the event's: it names one that was, or none stands.

    One that names none does not displace a standing one: after an outage it may be an ancestor whose records
    come late, or a new one that comes before the cancellation of the old one.
    """
    known = row.booking
    if known is None or known.booking_id == new.booking_id:
        return True
    if new.replaces_booking_id is not None and new.replaces_booking_id in (known.booking_id, *row.closed):
        return True
    return known.status == "cancelled" and new.status == "booked"


def _beside(row: EventPhones, new: BookingInput) -> EventPhones | None:
    """The row with a booking that may follow; a cancelled one leaves its mark."""
    if new.status == "cancelled":
        return _closing(row, new.booking_id, "")
    return replace(row, rival=new)


def _standing(row: EventPhones) -> EventPhones:
    """A rival comes to stand once the event's booking is cancelled."""
    known, rival = row.booking, row.rival
    if known is None or rival is None or known.status != "cancelled":
        return row
    return _changed(_closing(replace(row, rival=None), known.booking_id, rival.booking_id), rival)


def _changed(row: EventPhones, new: BookingInput) -> EventPhones:
    after = _with_phone_of(row, new)
    version = max(row.version + 1, new.revision)
    return replace(after, version=version, booking=new, notice=new.day_of or row.notice)


def _with_phone_of(row: EventPhones, new: BookingInput) -> EventPhones:
    """The booking's own phone, else that of the latest sign-up; an absent phone never erases one.

    One that can't be read, where there was none such before, takes away the phone that the event had.
    """
    if new.phone is not None:
        return replace(row, phone=new.phone, own_phone=True)
    if new.phone_error and row.booking and not row.booking.phone_error:
        other = None if row.sign_up_phone == row.phone else row.sign_up_phone
        return replace(row, phone=other, own_phone=False, sign_up_phone=other)
    if row.own_phone or row.sign_up_phone is None:
        return row
    return replace(row, phone=row.sign_up_phone)


def news(row: EventPhones, new: BookingInput) -> DayOf | None:
    """The booking's day-of notice, if the event did not have it: told apart by ``notice_id`` where given."""
    before = row.booking.day_of if row.booking else None
    if new.day_of is None or new.day_of == before:
        return None
    return None if new.day_of.notice_id is not None and new.day_of == row.notice else new.day_of


def with_sign_up(row: EventPhones, sign_up: SignUp) -> EventPhones | None:
    """The row after a sign-up; None if a later one is known or it came before."""
    known = (row.sign_up_at, row.sign_up_id or "") if row.sign_up_at else None
    if known is not None and (sign_up.at, sign_up.sign_up_id) <= known:
        return None
    row = replace(row, sign_up_id=sign_up.sign_up_id, sign_up_phone=sign_up.phone, sign_up_at=sign_up.at)
    if row.own_phone or row.phone == sign_up.phone:
        return row
    moved = row.booking is not None
    return replace(row, phone=sign_up.phone, version=row.version + 1 if moved else row.version)
