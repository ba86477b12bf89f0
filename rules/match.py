"""Which booking and phone an event has: bookings and sign-ups meet in any order, both are replaced."""

from msgspec.structs import replace

from schemas.bookings import BookingInput, DayOf
from schemas.rows import EventPhones
from schemas.sign_ups import PhoneGiven, SignUp

CLOSED_KEPT = 100
RIVALS_KEPT = 3


def with_booking(row: EventPhones, new: BookingInput) -> EventPhones | None:
    """The row after a booking input; None if that changes nothing (repeat, late, or of a closed booking).

    ``version`` grows if the event changed. A record that only says what it replaces, or that waits as a
    rival, changes the row and no version.
    """
    if _is_late(row, new):
        return None
    closed = _closed_by(row, new)
    candidates = [b for b in _with_record(row, new) if b.booking_id not in closed]
    standing = _standing(row, candidates)
    others = sorted((b for b in candidates if b is not standing), key=lambda b: b.status == "booked")
    forgotten = [b.booking_id for b in others[:-RIVALS_KEPT]]
    after = replace(row, rivals=tuple(others[-RIVALS_KEPT:]), closed=_added(closed, *forgotten))
    if standing is not None and standing != row.booking:
        return _changed(after, standing)
    return None if after == row else after


def _known(row: EventPhones) -> tuple[BookingInput, ...]:
    return row.rivals if row.booking is None else (row.booking, *row.rivals)


def _is_late(row: EventPhones, new: BookingInput) -> bool:
    return any(b.booking_id == new.booking_id and new.revision <= b.revision for b in _known(row))


def _closed_by(row: EventPhones, new: BookingInput) -> tuple[str, ...]:
    """The bookings known to be replaced, by this one too; of two that replace the same the later counts."""
    known, replaced = row.booking, new.replaces_booking_id
    if replaced is None or replaced == new.booking_id:
        return row.closed
    twin = known is not None and known.replaces_booking_id == replaced and known.booking_id != new.booking_id
    if known is not None and twin and new.status == "booked" and new.booking_id not in row.closed:
        return _added(row.closed, replaced, known.booking_id)
    return _added(row.closed, replaced)


def _added(closed: tuple[str, ...], *names: str) -> tuple[str, ...]:
    return (*closed, *(name for name in names if name not in closed))[-CLOSED_KEPT:]


def _with_record(row: EventPhones, new: BookingInput) -> list[BookingInput]:
    """The event's booking, its rivals and the new record, which takes the place of its own older one."""
    known = _known(row)
    before = next((b for b in known if b.booking_id == new.booking_id), None)
    if before is None:
        return [*known, new]
    if new.phone is None and new.phone_error is None:
        new = replace(new, phone=before.phone)
    return [new if b is before else b for b in known]


def _standing(row: EventPhones, candidates: list[BookingInput]) -> BookingInput | None:
    """The event's booking: the first that is booked, so that one which names none displaces none that stands.

    After an outage it may be an ancestor whose records come late, or a new one that comes before the
    cancellation of the old one. If all are replaced by records still to come, nothing stands.
    """
    booked = [b for b in candidates if b.status == "booked"]
    if booked or candidates:
        return (booked or candidates)[0]
    return row.booking and replace(row.booking, status="cancelled", phone=None)


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


def with_sign_up(row: EventPhones, sign_up: SignUp | PhoneGiven) -> EventPhones | None:
    """The row after a sign-up; None if a later one is known or it came before."""
    known = (row.sign_up_at, row.sign_up_id or "") if row.sign_up_at else None
    if known is not None and (sign_up.at, sign_up.sign_up_id) <= known:
        return None
    row = replace(row, sign_up_id=sign_up.sign_up_id, sign_up_phone=sign_up.phone, sign_up_at=sign_up.at)
    if row.own_phone or row.phone == sign_up.phone:
        return row
    moved = row.booking is not None
    return replace(row, phone=sign_up.phone, version=row.version + 1 if moved else row.version)


def with_asked(row: EventPhones) -> EventPhones | None:
    """The row after staff asked for a day-of update; None if no booking stands to speak of.

    What is asked again plans the text of the same name, which goes once.
    """
    if row.booking is None or row.booking.status == "cancelled":
        return None
    return replace(row, version=row.version + 1)
